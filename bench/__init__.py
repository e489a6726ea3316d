"""Figures, measured against real processes and kept in ``bench/results``."""
