"""What waits in each service: facts to publish, messages to handle, parked facts by age, what failed."""
