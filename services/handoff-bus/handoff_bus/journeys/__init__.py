"""The life of a lead on the line, oldest first, from every fact that carries its id."""
