"""Twilio: status callbacks of calls."""
