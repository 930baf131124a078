"""Meetings of a deal: the one its handoff brought, and those booked again after a miss or a cancellation."""
