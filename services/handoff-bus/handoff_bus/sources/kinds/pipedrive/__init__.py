"""Pipedrive webhooks version 2: one JSON object, proven by basic authentication."""
