"""What an employee earned in a month: provisional while it is open, frozen when it is closed; and why, or why not."""
