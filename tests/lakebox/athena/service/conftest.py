"""A sandbox of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from athena_sandbox import AthenaSandbox, ScriptedEngine, open_athena


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[AthenaSandbox]:
    """Athena's API over an engine that the test scripts."""
    with open_athena(tmp_path, ScriptedEngine()) as opened:
        yield opened
