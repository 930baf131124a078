"""Payout batches: what payroll pulls, frozen, numbered, hashed and acknowledged."""
