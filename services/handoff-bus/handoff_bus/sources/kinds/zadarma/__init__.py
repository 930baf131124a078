"""Zadarma: forms whose signature covers who called whom and when, nothing else."""
