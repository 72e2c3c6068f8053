"""Athena's API: query executions, workgroups, named queries, prepared statements, data catalogs, and result files."""
