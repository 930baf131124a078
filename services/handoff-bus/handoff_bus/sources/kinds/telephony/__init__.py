"""What kinds of telephony share: reading their fields, and saying that a call ended."""
