"""A client: a lead that account took over; owned in dated intervals, of an age that counts from its payments."""
