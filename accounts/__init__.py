"""Organisations, users, log-in, safety tokens, the access table, the audit."""
