"""The watch over handoffs: what every stage said about each of them. Only stages change a handoff."""
