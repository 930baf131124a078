"""Roster, webhooks, correlation, handoff watch, journeys, payroll file."""
