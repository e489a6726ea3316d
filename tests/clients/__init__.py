"""Clients that tools generate from the document, and what they can do."""
