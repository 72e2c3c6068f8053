"""A test kit for a team's own Glue jobs: a fresh sandbox for each test, with boto3 clients, runs and rows.

In a conftest.py: `pytest_plugins = ["lakebox.testing"]`; tests then take the fixture `sandbox`.
"""

from lakebox.testing.sandbox import JobFailed, Sandbox, open_sandbox, sandbox

__all__ = ["JobFailed", "Sandbox", "open_sandbox", "sandbox"]
