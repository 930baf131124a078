"""Who calls whom next."""
