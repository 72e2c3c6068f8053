"""The verbs of the stack where Docker is missing, away or too old: one clear line that says what to do."""

from pathlib import Path

import pytest
from commands import lakebox

from lakebox.stack.compose import json_objects, reason_of
from lakebox.stack.screen import what_now, why_not_up
from lakebox.stack.state import Service, bytes_of, state_of

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


def test_sql_says_that_the_stack_is_down(tmp_path: Path) -> None:
    keys = tmp_path / "credentials"
    keys.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    where = {"LAKEBOX_API_URL": "http://127.0.0.1:1", "LAKEBOX_USER_CREDENTIALS_FILE": str(keys)}
    done = lakebox("sql", "SELECT 1", LAKEBOX_TARGET="compose", **where)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/"; is the stack up?' in done.stderr


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
        ({"Service": "trino", "State": "exited", "Health": "", "ExitCode": 143}, "stopped"),
        ({"Service": "trino", "State": "restarting", "Health": "", "ExitCode": 1}, "failed"),
        ({"Service": "secrets", "State": "running", "Health": "", "ExitCode": 0}, "starting"),
        ({"Service": "secrets", "State": "exited", "Health": "", "ExitCode": 0}, "done"),
        ({"Service": "secrets", "State": "exited", "Health": "", "ExitCode": 1}, "failed"),
        ({"Service": "minio", "State": "created", "Health": "", "ExitCode": 0}, "waiting"),
    ],
)
def test_a_container_is_in_one_state(entry: dict[str, object], state: str) -> None:
    assert state_of(entry) == state


def test_what_compose_is_at_is_put_in_a_few_words() -> None:
    waiting = [Service("minio", "1", "ready"), Service("trino", "2", "starting"), Service("jupyter", "3", "waiting")]
    assert what_now(["#12 [trino build 3/5] RUN mvn package\n"], waiting) == "building images: trino build 3/5"
    assert what_now([" Container lakebox-minio-1  Started\n"], []) == "Container lakebox-minio-1  Started"
    assert what_now([" Container lakebox-minio-1  Started\n"], waiting) == "waiting for trino, jupyter"
    many = [Service(str(number), str(number), "starting") for number in range(7)]
    assert what_now([], many) == "waiting for 0, 1, 2, 3 and 3 more"


@pytest.mark.parametrize(
    "said",
    [
        "driver failed programming external connectivity: Bind for 127.0.0.1:9001 failed: port is already allocated",
        "Error starting userland proxy: listen tcp4 127.0.0.1:9001: bind: address already in use",
        "failed to bind host port for 127.0.0.1:9001:172.18.0.2:9001/tcp: address already in use",
        "ports are not available: exposing port TCP 127.0.0.1:9001 -> 127.0.0.1:0: listen tcp: in use",
    ],
)
def test_a_port_in_use_is_named_with_the_variable_that_changes_it(said: str) -> None:
    waiting = [Service("minio", "1", "waiting"), Service("trino", "2", "starting")]
    assert why_not_up(waiting, ["Container x Started\n", f"{said}\n"]) == (
        "port 9001 is in use; stop what listens there, or take another one: export LAKEBOX_MINIO_CONSOLE_PORT=19001"
    )


def test_a_failed_build_shows_its_last_lines() -> None:
    said = [
        "#9 [trino build 4/5] RUN mvn\n",
        "------\n",
        "0.5 PKIX path building failed\n",
        "failed to solve: exit 1\n",
    ]
    first, *rest = why_not_up([], said).splitlines()
    assert first.startswith("an image could not be built; lakebox doctor looks at disk, proxy and certificates")
    assert "  0.5 PKIX path building failed" in rest


def test_compose_before_2_21_prints_one_array() -> None:
    assert json_objects('[{"a":1},{"a":2}]\n') == json_objects('{"a":1}\n{"a":2}\n') == [{"a": 1}, {"a": 2}]
    assert json_objects("") == []


def test_memory_as_docker_prints_it_is_read() -> None:
    assert [bytes_of(text) for text in ("83.5MiB ", "1GiB", "0B", "--")] == [87556096, 2**30, 0, 0]
    assert reason_of("a\nno such service: trinoo\n") == "no such service: trinoo"


@pytest.mark.parametrize("verb", ["up", "down"])
def test_inside_the_stack_the_verbs_of_the_host_say_where_they_belong(tmp_path: Path, verb: str) -> None:
    done = lakebox(verb, PATH=str(tmp_path), LAKEBOX_METASTORE_URI="thrift://metastore:9083")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "this is inside the stack" in done.stderr


UP_FAILS = r"""case "$*" in
    *" config --images") echo lakebox/trino:0.1.0 ;;
    "image ls"*) echo lakebox/trino:0.1.0 ;;
    *" ps "*) echo '{"Service":"trino","ID":"1","Name":"x-trino-1","State":"running","Health":"unhealthy","ExitCode":0}'
              echo '{"Service":"jupyter","ID":"2","Name":"x-jupyter-1","State":"created","Health":"","ExitCode":0}' ;;
    *" logs "*) printf '\033[2KERROR: no heap\n\033[2K\tat io.trino.Main\n' ;;
    *) echo 'Container x-trino-1  Error'; exit 1 ;;
esac"""


def test_a_service_that_does_not_get_ready_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    status, said = run_with(tmp_path, UP_FAILS, "up")
    assert status == 1
    assert said.splitlines() == [
        "lakebox: not ready: trino; docker compose logs SERVICE says more, lakebox doctor looks for a cause",
        "  trino: ERROR: no heap",
    ]


STATS = '{"ID":"1","MemUsage":"512MiB / 2GiB"}'
UP = rf"""case "$*" in
    *" config --images") echo lakebox/trino:0.1.0 ;;
    "image ls"*) ;;
    *" ps "*) echo '{{"Service":"trino","ID":"1","Name":"x-trino-1","State":"running","Health":"healthy","ExitCode":0}}'
              echo '{{"Service":"spark-worker","ID":"2","Name":"x-spark-worker-2","State":"running","Health":""}}' ;;
    stats*) echo '{STATS}' ;;
    *" up --detach --wait"*) echo "$@" >>"$(dirname "$0")/asked"; echo '#9 [trino build 3/5] RUN mvn'; sleep 3 ;;
esac"""


@pytest.mark.slow
def test_up_shows_what_is_built_what_is_ready_where_it_is_and_what_to_try(tmp_path: Path) -> None:
    status, said = run_with(tmp_path, UP, "up", "--scale", "2")
    assert status == 0, said
    for part in (
        "Building the images",
        "building images: trino build 3/5\n",
        "✓ trino (",
        "✓ spark-worker 2 (",
        "http://127.0.0.1:8080",
        "512 MB",
        "Memory in use: 0.50 GB",
        "The stack is ready after ",
        "export LAKEBOX_WORKERS=2",
        "docker compose run --rm lakebox run",
    ):
        assert part in said
    assert "--scale spark-worker=2" in (tmp_path / "asked").read_text()


DOWN = r"""case "$*" in
    *" config "*) echo '{"name":"x"}' ;;
    "volume ls"*) [ -e "$(dirname "$0")/gone" ] || echo x_minio-data ;;
    *" down "*) case "$*" in *--volumes*) touch "$(dirname "$0")/gone" ;; esac ;;
esac"""


def test_down_keeps_all_data_and_purge_says_what_it_deleted(tmp_path: Path) -> None:
    assert "all data is kept" in run_with(tmp_path, DOWN, "down")[1]
    purged = (0, "The stack is gone, and so is its data:\n  deleted volume x_minio-data\n")
    assert run_with(tmp_path, DOWN, "down", "--purge") == purged
    assert "there is no data" in run_with(tmp_path, DOWN, "down", "--purge")[1]


@pytest.mark.parametrize(("left", "status"), [("", 0), ("echo 1a2b", 1)])
def test_a_network_that_the_engine_holds_is_no_failure(tmp_path: Path, left: str, status: int) -> None:
    """Where no container is left."""
    held = f"""case "$*" in *" ps "*) {left} ;;
        *" down "*) echo "network x_default has active endpoints" >&2; exit 1 ;; *) {DOWN}; esac"""
    assert run_with(tmp_path, held, "down")[0] == status


def test_an_engine_that_has_stopped_leaves_no_traceback(tmp_path: Path) -> None:
    status, said = run_with(tmp_path, 'case "$*" in *config*) echo;; *) echo half a {; exit 3;; esac', "up")
    assert status == 1
    assert "Traceback" not in said
