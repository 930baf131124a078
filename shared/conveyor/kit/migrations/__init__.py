"""Migrations: the kit's own branch, and the one way in which every room's branch is applied."""
