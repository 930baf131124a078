"""People of the three stages who work together."""
