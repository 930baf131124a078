"""Payments of clients as heard from the bus, and the client's age that follows from them."""
