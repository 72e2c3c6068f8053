"""The verbs of the stack where Docker is missing, away or too old: one clear line that says what to do."""

from pathlib import Path

import pytest
from commands import lakebox

from lakebox.compose import reason_of
from lakebox.stack_screen import what_now
from lakebox.stack_state import bytes_of, state_of

FAKES = {
    "no engine": "echo 'Cannot connect to the Docker daemon at unix:///docker.sock.' >&2; exit 1",
    "no permission": "echo 'permission denied while trying to connect to unix:///var/run/docker.sock' >&2; exit 1",
    "old compose": "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1",
}


def run_with(folder: Path, script: str | None, *arguments: str) -> tuple[int, str]:
    """The command's exit status and stderr, with a docker that says what a script says; None: no docker at all."""
    if script is not None:
        fake = folder / "docker"
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
    path = f"{folder}:/usr/bin:/bin" if script is not None else str(folder)
    done = lakebox(*arguments, PATH=path, LAKEBOX_TARGET="compose")
    return done.returncode, done.stderr


@pytest.mark.parametrize("verb", ["up", "down", "status", "crawl"])
@pytest.mark.parametrize(
    ("fake", "what_to_do"),
    [
        ("no engine", "start it, then try again"),
        ("no permission", "add it to the group docker"),
        ("old compose", "install 2.20 or newer"),
        (None, "install Docker Engine"),
    ],
)
def test_without_a_working_docker_each_verb_says_so_in_one_line(
    tmp_path: Path, verb: str, fake: str | None, what_to_do: str
) -> None:
    status, said = run_with(tmp_path, FAKES[fake] if fake else None, verb)
    assert status == 1
    assert what_to_do in said
    assert said.count("\n") == 1


def test_a_port_that_is_none_is_refused() -> None:
    done = lakebox("status", LAKEBOX_TARGET="compose", LAKEBOX_TRINO_PORT="80a")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "LAKEBOX_TRINO_PORT=80a is not a port" in done.stderr


def test_sql_says_that_the_stack_is_down() -> None:
    done = lakebox("sql", "SELECT 1", LAKEBOX_TARGET="compose", LAKEBOX_TRINO_PORT="1")
    assert done.returncode == 1
    assert "Trino at http://127.0.0.1:1 does not answer" in done.stderr
    assert "lakebox up" in done.stderr


def test_another_lake_than_the_stacks_is_refused() -> None:
    done = lakebox("run", "--lake", "elsewhere", LAKEBOX_TARGET="compose")
    assert done.returncode == 2
    assert "the stack's lake is s3://ai-lakehouse-project" in done.stderr


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        ({"Service": "trino", "State": "running", "Health": "healthy", "ExitCode": 0}, "ready"),
        ({"Service": "trino", "State": "running", "Health": "starting", "ExitCode": 0}, "starting"),
        ({"Service": "trino", "State": "running", "Health": "unhealthy", "ExitCode": 0}, "failed"),
        ({"Service": "trino", "State": "exited", "Health": "", "ExitCode": 0}, "failed"),
        ({"Service": "secrets", "State": "exited", "Health": "", "ExitCode": 0}, "done"),
        ({"Service": "secrets", "State": "exited", "Health": "", "ExitCode": 1}, "failed"),
        ({"Service": "minio", "State": "created", "Health": "", "ExitCode": 0}, "starting"),
    ],
)
def test_a_container_is_in_one_state(entry: dict[str, object], state: str) -> None:
    assert state_of(entry) == state


def test_what_compose_says_is_put_in_a_few_words() -> None:
    assert what_now(["#12 [trino build 3/5] RUN mvn package\n"]) == "building images: trino build 3/5"
    assert what_now([" Container lakebox-minio-1  Started\n"]) == "Container lakebox-minio-1  Started"
    assert reason_of("a\nport is already allocated\n") == "port is already allocated"
    assert bytes_of("83.5MiB ") == 87556096
