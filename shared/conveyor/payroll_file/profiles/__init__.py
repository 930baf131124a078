"""Column profiles: what one payroll program wants to be given, as one document per target."""
