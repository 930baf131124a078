"""What this stage would see of a departure, before it is decided at the bus."""
