"""Cases and their import, lawful visit hours, visits before the door, the day."""
