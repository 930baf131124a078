"""Bonus plans: what a role is paid for, as typed documents."""
