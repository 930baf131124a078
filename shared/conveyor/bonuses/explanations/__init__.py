"""Explanations in words, English and Russian: rendered from what was stored, never stored themselves. Pure."""
