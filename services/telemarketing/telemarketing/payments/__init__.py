"""Payments and refunds of leads that became clients, shown in the lead's history."""
