"""The ledger: append-only entries in one gap-free, hash-chained journal per role."""
