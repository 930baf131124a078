"""Where a lead stands: its state and its place in the queue, derived from everything known about it."""
