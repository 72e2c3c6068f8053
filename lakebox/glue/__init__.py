"""Glue: the catalog, crawlers, the workflow and its job runner."""
