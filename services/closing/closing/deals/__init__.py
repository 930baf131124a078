"""A deal: opened by the acceptance of a handoff, won by a contract or lost; owned in dated intervals."""
