"""Dead letters of all services in one place, as the services say them."""
