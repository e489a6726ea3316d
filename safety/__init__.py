"""Watches, alerts and the escalation that never falls silent."""
