"""The paid steps of the work on a lead: letters, gatekeeper passed, need identified."""
