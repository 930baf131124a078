"""Who outside wants to be told which facts, where, and signed with which secret."""
