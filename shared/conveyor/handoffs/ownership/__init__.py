"""Who owns a deal or a client, as dated half-open intervals. A leaver's things pass on at 00:00 of his `left_on`."""
