"""Leads that go back to telemarketing until a better day."""
