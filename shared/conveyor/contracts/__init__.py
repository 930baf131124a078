"""What services of Conveyor say to each other: data only."""
