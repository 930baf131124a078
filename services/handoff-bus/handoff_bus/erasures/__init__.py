"""Erasing leads and people: the request, what each service confirmed, the purge of the stream, the record of it."""
