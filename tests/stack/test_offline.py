"""Nothing is downloaded at run time: the built stack starts and works with the network cut off."""

from collections.abc import Iterator

import pytest
from stack.running_stack import PORTS, REPOSITORY, Stack, no_engine

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def cut_off() -> Iterator[Stack]:
    """A stack of its own, on networks that lead nowhere."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    files = f"{REPOSITORY / 'compose.yaml'}:{REPOSITORY / 'tests/stack/offline.yaml'}"
    ports = {name: str(port + 2000) for name, port in PORTS.items()}
    stack = Stack(project="lakebox-test-offline", environment={**ports, "COMPOSE_FILE": files, "LAKEBOX_WAIT_S": "600"})
    try:
        stack.up()
        yield stack
    finally:
        stack.compose("down", "--volumes")


def test_the_stack_runs_the_flow_without_a_network(cut_off: Stack) -> None:
    probe = "exec 3<>/dev/tcp/1.1.1.1/53"
    outside = cut_off.compose("exec", "--no-TTY", "trino", "timeout", "3", "bash", "-c", probe, check=False)
    assert outside.returncode != 0
    in_stack = ("run", "--rm", "--no-deps", "--no-TTY", "lakebox")
    cut_off.compose(*in_stack, "run", "--training_date", "2025-06-18")
    query = "SELECT count(*) AS users FROM gold_user_features"
    assert cut_off.compose(*in_stack, "sql", query, "--format", "csv").stdout == "users\n14\n"
