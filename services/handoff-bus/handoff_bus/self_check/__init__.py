"""The self-check over all services: who said how much on a day, who took it, and what is missing where."""
