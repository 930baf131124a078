"""Contracts of deals, the outside names they announce, and the offer to the account stage that follows."""
