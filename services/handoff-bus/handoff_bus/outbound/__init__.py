"""The one way out for calls to addresses that people give us: checked, pinned, bounded, and fair to each receiver."""
