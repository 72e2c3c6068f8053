"""A test kit for a team's own Glue jobs: a fresh sandbox for each test, with boto3 clients, runs and rows.

In a conftest.py: `pytest_plugins = ["lakebox.testing"]`; tests then take the fixture `sandbox`. With
LAKEBOX_TARGET=compose the same tests run on the stack, which needs testcontainers (pip install "lakebox[testing]").
"""

from lakebox.testing.fixtures import lakebox_stack, sandbox
from lakebox.testing.sandbox import JobFailed, Sandbox, open_sandbox

__all__ = ["JobFailed", "Sandbox", "lakebox_stack", "open_sandbox", "sandbox"]
