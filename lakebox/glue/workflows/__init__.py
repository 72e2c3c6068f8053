"""Glue's workflows and triggers, and what their runs do."""
