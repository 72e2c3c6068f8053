"""Athena's SQL to DuckDB's."""
