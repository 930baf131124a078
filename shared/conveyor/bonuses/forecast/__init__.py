"""Forecast: what an employee may still earn, and what would release it or take it away."""
