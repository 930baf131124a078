"""Calls that telephony reported, kept for the lead's history."""
