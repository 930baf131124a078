"""Leads that closing gave back until a better day; they come into the queue again by themselves."""
