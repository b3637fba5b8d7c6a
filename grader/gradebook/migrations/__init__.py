"""Alembic's environment; `versions` holds one module a change of the tables."""
