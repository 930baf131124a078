"""Fetch-back: what a weakly proven or thin delivery speaks of is asked from the source's own API before money moves."""
