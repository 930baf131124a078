"""The roster's people: who works when, and how outside systems name them. The bus owns the original."""
