"""Athena: queries in its SQL, answered by DuckDB (embedded) or Trino (stack)."""
