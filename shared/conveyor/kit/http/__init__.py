"""The HTTP side of a service: one way of refusing, listing, authorising, answering."""
