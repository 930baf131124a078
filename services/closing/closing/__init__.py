"""The closing stage: the AE's inbox of handoffs, deals, meetings, contracts, AE bonuses."""
