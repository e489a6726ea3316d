"""A day of field visits played through real HTTP against real processes."""
