"""Payments as heard from the bus, shown on the deals they belong to. No rule about pay lives here."""
