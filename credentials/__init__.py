"""Badges, visit codes, doorstep words, and what the borrower's check answers."""
