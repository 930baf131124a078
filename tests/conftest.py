"""Loads the fixtures of real servers; see tests/servers.py."""

pytest_plugins = ["tests.servers"]
