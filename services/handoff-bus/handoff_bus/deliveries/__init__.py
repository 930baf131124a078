"""Webhook deliveries: durable before 202, then turned into facts or parked with a reason."""
