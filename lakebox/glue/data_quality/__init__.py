"""Glue Data Quality's API: rulesets, their evaluation on tables of the catalog, results."""
