"""Glue's jobs on the embedded target: definitions, runs, and the process that runs a user's script."""
