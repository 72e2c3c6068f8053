"""Statements that change or show the catalog, in Hive's words."""
