"""How each source does: when it last came, what became of it, what the door refused, and whether it fell silent."""
