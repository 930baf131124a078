"""Conveyor on one machine: embedded servers, the four services, the demo and local tokens."""
