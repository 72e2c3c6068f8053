"""The pytest fixture `sandbox`: on the embedded target, or on the stack where LAKEBOX_TARGET says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakebox.settings import read_settings
from lakebox.testing.sandbox import Sandbox, open_sandbox


@pytest.fixture(scope="session")
def lakebox_stack() -> Iterator[Sandbox]:
    """The stack, for all tests of the session."""
    from lakebox.testing.on_stack import running_stack  # testcontainers is only there for the stack

    with running_stack() as stack:
        yield stack


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of the test's own. On the stack, what a test makes is taken away at its end."""
    if read_settings().stack is None:
        with open_sandbox(tmp_path / "lake") as opened:
            yield opened
        return
    from lakebox.testing.on_stack import emptied_after

    with emptied_after(request.getfixturevalue("lakebox_stack")) as shared:
        yield shared
