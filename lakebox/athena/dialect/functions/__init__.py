"""Athena's functions on DuckDB: which answer alike, which are written otherwise, and which are refused."""
