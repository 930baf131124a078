"""When a handoff should be answered, in working hours of the department, and what is said when it is not."""
