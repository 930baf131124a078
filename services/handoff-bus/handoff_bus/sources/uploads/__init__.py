"""Files that people or scripts bring: bank statements, call records. Each line of them is a delivery of its own."""
