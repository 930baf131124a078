"""`make faults`: a department's quarter while everything below it dies, hangs and repeats itself."""
