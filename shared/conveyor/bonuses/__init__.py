"""Bonuses of a role: plans, engine, ledger, periods, payouts, and their API."""
