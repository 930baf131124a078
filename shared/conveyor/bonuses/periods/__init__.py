"""Bonus periods: months of the department's zone, open until the head closes them for good."""
