"""Webhooks out: sealed audit rows as signed events to other people's systems."""
