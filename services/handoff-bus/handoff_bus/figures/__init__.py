"""What the watch over handoffs counts of people: how fast they accept, why they return, how often they are late."""
