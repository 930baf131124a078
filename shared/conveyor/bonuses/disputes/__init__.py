"""Disputes: what an employee holds to be wrong or missing, the thread about it, and its outcome."""
