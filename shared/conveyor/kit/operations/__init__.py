"""What a person may look at and do when messages fail: dead letters, unpublishable facts, quarantine, parked facts."""
