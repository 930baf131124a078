"""The telemarketing stage: leads, calls, letters, meetings, SDR bonuses."""
