"""Telemarketing's own copy of the handoffs it offered, and what the receiving stage answered."""
