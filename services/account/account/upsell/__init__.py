"""Clients who may buy more: offered back to closing, where the next deal is made."""
