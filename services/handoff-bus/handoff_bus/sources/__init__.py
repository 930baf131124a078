"""Outside systems that push webhooks, and how each of their kinds is verified and read."""
