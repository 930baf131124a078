"""Aircall: JSON events with a token."""
