"""Migrations in order; each is applied in one transaction."""
