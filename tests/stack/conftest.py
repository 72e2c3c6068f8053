"""One stack for all tests that need one: it is used as it is where it runs already, and stays up for the next time."""

from collections.abc import Iterator

import pytest
from stack.running_stack import Stack, no_engine


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack, up and ready. One that this session started is stopped again, its data kept for no one."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    found = Stack()
    was_running = found.compose("ps", "--quiet", "--status", "running").stdout.strip() != ""
    found.up()
    yield found
    if not was_running:
        found.compose("down", "--volumes")
