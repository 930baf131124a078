"""Everything that happened to a lead, as its people see it."""
