"""Replays: many deliveries, or those of a stretch of time, read again with what is known by now."""
