"""Departments of any size: the databases of all services filled in SQL."""
