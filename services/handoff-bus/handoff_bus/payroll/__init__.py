"""One file for payroll, gathered from the payout batches of the three stages."""
