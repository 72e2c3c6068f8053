"""Warm processes: runs of our own jobs share one, and one Spark, as Glue's warm pool does."""
