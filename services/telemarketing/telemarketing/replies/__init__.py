"""What leads answered to letters and calls."""
