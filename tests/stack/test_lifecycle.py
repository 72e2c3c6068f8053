"""`lakebox up`, `status`, `doctor` and `down` on a stack that is really there."""

import socket
from collections.abc import Iterator

import pytest
from stack.running_stack import LONG_RUNNING, PORTS, Stack, docker, no_engine

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A stack of the test's own, down and empty, on other ports; it is gone afterwards."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    own = Stack("lakebox-life", {name: str(port - 8000) for name, port in PORTS.items()})
    yield own
    own.lakebox("down", "--purge")


def volumes(stack: Stack) -> set[str]:
    label = f"label=com.docker.compose.project={stack.project}"
    return set(docker("volume", "ls", "--quiet", "--filter", label).split())


def test_up_on_a_running_stack_changes_nothing_and_says_where_all_is(stack: Stack) -> None:
    before = {(one["Id"], one["State"]["StartedAt"]) for one in stack.containers(one_shots=False)}
    said = stack.lakebox("up").stderr
    assert {(one["Id"], one["State"]["StartedAt"]) for one in stack.containers(one_shots=False)} == before
    for port in PORTS.values():
        assert f"http://127.0.0.1:{port}" in said
    assert f":{PORTS['LAKEBOX_JUPYTER_PORT']}/lab?token={stack.secret('jupyter', 'notebooks/token').strip()}" in said
    assert stack.secret("minio", "minio/root-password").strip() not in said
    assert "The stack is ready after" in said
    assert "Memory in use: " in said
    assert "Memory in use: 0.00 GB" not in said


def test_status_shows_the_services_and_the_lake(stack: Stack) -> None:
    said = stack.lakebox("status").stdout
    for name in LONG_RUNNING:
        assert any("ready" in line for line in said.splitlines() if f"│ {name} " in line), name
    assert "The lake at s3://ai-lakehouse-project" in said


def test_the_doctor_knows_the_stacks_own_ports(stack: Stack) -> None:
    said = stack.lakebox("doctor", check=False).stdout
    for port in PORTS.values():
        assert f"✓ ok      port {port} is free, or the stack's own" in said


def test_the_verbs_of_the_host_do_no_harm_inside_the_stack(stack: Stack) -> None:
    command = ("run", "--rm", "--no-deps", "--no-TTY", "lakebox")
    for verb in ("up", "down"):
        done = stack.compose(*command, verb, check=False)
        assert done.returncode == 1
        assert "this is inside the stack" in done.stderr
        assert "Traceback" not in done.stderr
    assert "run lakebox doctor on the host" in stack.compose(*command, "doctor").stdout


@pytest.mark.long
def test_a_life_of_a_stack(own_stack: Stack) -> None:
    assert "The stack is down" in own_stack.lakebox("status").stdout
    port = int(own_stack.environment["LAKEBOX_TRINO_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        in_the_way = own_stack.lakebox("up", check=False)
        assert f"problem port {port} is in use" in own_stack.lakebox("doctor", check=False).stdout
    assert in_the_way.returncode == 1
    assert f"lakebox: port {port} is in use; " in in_the_way.stderr

    said = own_stack.lakebox("up", "--scale", "2").stderr
    assert "✓ spark-worker 2 (" in said
    own_stack.sql("CREATE SCHEMA awsdatacatalog.kept", user="lakebox")

    assert "all data is kept" in own_stack.lakebox("down").stderr
    assert own_stack.compose("ps", "--all", "--quiet").stdout == ""
    assert len(volumes(own_stack)) > 5

    own_stack.lakebox("up")
    assert ["kept"] in own_stack.sql("SHOW SCHEMAS FROM awsdatacatalog")
    there = volumes(own_stack)
    gone = own_stack.lakebox("down", "--purge").stderr
    assert {f"  deleted volume {name}" for name in there} <= set(gone.splitlines())
    assert volumes(own_stack) == set()
    assert own_stack.compose("ps", "--all", "--quiet").stdout == ""


@pytest.mark.long
def test_a_service_that_cannot_work_is_named_with_its_log(own_stack: Stack) -> None:
    broken = Stack(own_stack.project, own_stack.environment | {"LAKEBOX_WORKER_MEMORY": "lots"})
    done = broken.lakebox("up", check=False)
    assert done.returncode == 1
    assert "lakebox: not ready: " in done.stderr
    assert any(line.startswith("  spark-worker: ") and "Exception" in line for line in done.stderr.splitlines())
    assert "Traceback" not in done.stderr
