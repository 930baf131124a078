"""What if somebody left: whose bonuses would change, before anybody decides it."""
