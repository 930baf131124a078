"""The payroll file: rows of `PayoutRow` to bytes. Pure; the stages and the bus write the same format with it."""
