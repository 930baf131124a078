"""Which lead an outside name means."""
