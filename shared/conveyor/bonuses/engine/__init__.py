"""The bonus engine: pure functions from facts to lines. No clock, no I/O, no order, no float."""
