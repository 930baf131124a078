"""Booked meetings; each travels to closing with its handoff."""
