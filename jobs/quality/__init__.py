"""Data quality in DQDL: the language, measures over any DataFrame, outcomes, the report."""
