"""A sandbox of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flows import Flows
from job_sandbox import JobSandbox, open_sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[JobSandbox]:
    """An empty sandbox of the test's own."""
    yield from open_sandbox(tmp_path)


@pytest.fixture
def flows(sandbox: JobSandbox) -> Flows:
    """Workflows and triggers in that sandbox."""
    return Flows(sandbox)
