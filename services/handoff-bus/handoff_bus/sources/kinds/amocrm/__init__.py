"""amoCRM and Kommo: forms with bracketed names, proven by a token in the address."""
