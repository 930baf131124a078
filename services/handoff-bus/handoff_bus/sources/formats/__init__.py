"""How outside systems write things down: forms, JSON, instants, amounts, proofs. Pure; kinds read with these."""
