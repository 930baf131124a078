"""How a service is built; contains no business word."""
