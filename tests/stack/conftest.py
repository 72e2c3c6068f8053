"""One stack for all tests that need one: it is used as it is where it runs already, and stays up for the next time."""

import os
from collections.abc import Iterator

import pytest

os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"  # before it is imported: its image is not one of ours

from stack.running_stack import Stack, no_engine


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack, up and ready; in CI one that this session started is deleted again."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    found = Stack()
    was_running = found.compose("ps", "--quiet", "--status", "running").stdout.strip() != ""
    found.up()
    yield found
    if not was_running and os.environ.get("CI"):  # elsewhere somebody may have begun to use it
        found.compose("down", "--volumes")
