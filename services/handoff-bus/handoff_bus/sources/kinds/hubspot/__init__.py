"""HubSpot: arrays of events, signed in three versions."""
