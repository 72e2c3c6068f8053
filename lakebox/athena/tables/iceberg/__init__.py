"""Iceberg tables: their metadata by pyiceberg, their data files by DuckDB."""
