"""Bad input for every operation: what is wrong, and what must come of it."""
