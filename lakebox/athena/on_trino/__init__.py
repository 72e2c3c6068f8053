"""Athena's statements on the stack: rows by Trino, the catalog by the same code as on the embedded target."""
