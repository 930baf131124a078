"""The account stage: the AM's inbox of handoffs, clients with their owners, contracts and payments, AM bonuses."""
