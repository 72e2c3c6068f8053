"""A sandbox of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from deploy_sandbox import DeploySandbox, Recorder, recording

from lakebox.api.serve import serving


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[DeploySandbox]:
    """The embedded target."""
    with serving(str(tmp_path / "lake"), checked=True) as endpoint:
        yield DeploySandbox(tmp_path / "lake", tmp_path, endpoint.url, endpoint.keys)


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[tuple[DeploySandbox, Recorder]]:
    """A target that keeps the requests that it gets."""
    with recording(tmp_path / "lake") as pair:
        yield pair
