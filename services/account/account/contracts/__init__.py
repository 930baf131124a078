"""Contracts in force with clients, as closing announced them."""
