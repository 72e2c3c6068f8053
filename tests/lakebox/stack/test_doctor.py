"""The doctor's findings: each thing that goes wrong is named with how to fix it."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from commands import lakebox

from lakebox.stack import doctor_facts
from lakebox.stack.doctor import GIB, Facts, examine
from lakebox.stack.doctor_facts import gather

WELL = Facts(
    target="compose",
    python=(3, 11),
    engine="28.0.1",
    compose="v2.30.3",
    memory_bytes=8 * GIB,
    free_bytes={"/": 50 * GIB},
    ports={"LAKEBOX_SPARK_PORT": 8081, "LAKEBOX_TRINO_PORT": 8080},
)
PROXY = "http://proxy:3128"
CONTAINERS = "localhost,127.0.0.0/8,minio,metastore,trino,spark-master,api,driver,lake-driver"


def problems(facts: Facts, level: str = "problem") -> list[str]:
    return [f"{finding.what}: {finding.fix}" for finding in examine(facts) if finding.level == level]


def test_a_machine_that_has_all_has_no_finding_but_good_ones() -> None:
    assert {finding.level for finding in examine(WELL)} == {"ok"}


@pytest.mark.parametrize(
    ("change", "named", "fix"),
    [
        ({"python": (3, 9)}, "Python 3.9", "Python 3.11 or 3.12"),
        ({"docker": False}, "no docker command", "install Docker Engine"),
        ({"engine_problem": "no Docker engine answers; start it"}, "the Docker engine can't be used", "start it"),
        ({"engine_problem": "add it to the group docker"}, "the Docker engine can't be used", "group docker"),
        ({"engine": "19.3.8"}, "Docker engine 19.3.8 is too old", "20.10 or newer"),
        ({"compose": "2.17.2"}, "Docker Compose 2.17.2 is too old", "2.20 or newer"),
        ({"compose": None}, "Docker Compose: not found", "docker-compose-plugin"),
        ({"free_bytes": {"/var": GIB}}, "1 GB free at /var", "12 GB are needed"),
        ({"ports_taken": frozenset({"LAKEBOX_TRINO_PORT"})}, "port 8080 is in use", "export LAKEBOX_TRINO_PORT=18080"),
        ({"ports": {"LAKEBOX_SPARK_PORT": 8080, "LAKEBOX_TRINO_PORT": 8080}}, "to two services", "LAKEBOX_TRINO_PORT="),
        ({"proxies": ("HTTP_PROXY",), "no_proxy": "localhost"}, "without 127.0.0.1 in NO_PROXY", "export NO_PROXY"),
        ({"windows_line_ends": ("docker/spark/worker",)}, "docker/spark/worker", "core.autocrlf"),
        (
            {"unreadable": ("jobs/events/event.py",)},
            "only you may read, and no user of a container: jobs/events/event.py",
            "chmod",
        ),
        (
            {"docker_no_proxies": ("*", "localhost,127.0.0.1,trino,metastore")},
            "containers would ask Docker's proxy for each other",
            "noProxy in ~/.docker/config.json: minio,spark-master,api,driver,lake-driver",
        ),
    ],
)
def test_each_problem_is_named_with_its_fix(change: dict[str, object], named: str, fix: str) -> None:
    (problem,) = problems(replace(WELL, **change))  # type: ignore[arg-type]
    assert named in problem
    assert fix in problem


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"memory_bytes": 4 * GIB}, "4.0 GB of memory"),
        ({"free_bytes": {"/": 6 * GIB}}, "6 GB free"),
        ({"proxies": ("HTTPS_PROXY",), "no_proxy": "localhost,127.0.0.1"}, "a proxy is set"),
        ({"inside": True, "docker": False}, "Docker can't be seen: run lakebox doctor on the host"),
        ({"certificates": ("SSL_CERT_FILE",)}, "certificates of your own"),
        ({"java_problem": "install Java 17"}, "no Java"),
    ],
)
def test_what_may_go_wrong_is_a_warning(change: dict[str, object], named: str) -> None:
    changed = replace(WELL, **change)  # type: ignore[arg-type]
    (warning,) = problems(changed, "warning")
    assert named in warning
    assert problems(changed) == []


def test_a_proxy_that_leaves_loopback_and_services_alone_is_well() -> None:
    facts = replace(WELL, proxies=("HTTPS_PROXY",), no_proxy="localhost, 127.0.0.0/8", docker_no_proxies=(CONTAINERS,))
    assert {finding.level for finding in examine(facts)} == {"ok"}


def test_without_docker_the_embedded_target_has_no_problem() -> None:
    facts = replace(WELL, target="embedded", docker=False, windows_line_ends=("docker/spark/worker",))
    assert problems(facts) == []
    assert [note.partition(":")[0] for note in problems(facts, "warning")] == ["for the stack"] * 2


def test_a_missing_java_is_a_problem_of_the_embedded_target() -> None:
    assert problems(replace(WELL, target="embedded", java_problem="install Java 17")) == [
        "the embedded Spark has no Java 17: install Java 17"
    ]


def test_this_machine_can_be_looked_at() -> None:
    facts = gather("embedded")
    assert facts.python >= (3, 11)
    assert facts.java_problem is None
    assert all(free > 0 for free in facts.free_bytes.values())
    assert facts.windows_line_ends == ()


def test_the_doctor_ends_with_1_where_the_target_cannot_work(tmp_path: Path) -> None:
    without_docker = {"PATH": str(tmp_path), "DOCKER_CONFIG": str(tmp_path)}
    stack = lakebox("doctor", LAKEBOX_TARGET="compose", **without_docker)
    assert (stack.returncode, stack.stderr) == (1, "")
    assert "✗ problem no docker command\n" in stack.stdout
    embedded = lakebox("doctor", **without_docker)
    assert (embedded.returncode, embedded.stderr) == (0, "")
    assert "! warning for the stack: no docker command\n" in embedded.stdout


def test_a_java_that_is_none_is_found_out(tmp_path: Path) -> None:
    done = lakebox("doctor", JAVA_HOME=str(tmp_path), PATH=str(tmp_path))
    assert done.returncode == 1
    assert "correct JAVA_HOME, or unset it" in done.stdout


def test_a_proxy_that_docker_gives_to_containers_is_a_problem(tmp_path: Path) -> None:
    settings = {"proxies": {"default": {"httpProxy": PROXY, "noProxy": "localhost"}}}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    (tmp_path / "docker").write_text(f"#!/bin/sh\necho '{json.dumps({'ServerVersion': '28.0.0'})}'\n")
    (tmp_path / "docker").chmod(0o755)
    done = lakebox("doctor", PATH=f"{tmp_path}:/usr/bin:/bin", DOCKER_CONFIG=str(tmp_path))
    assert "containers would ask Docker's proxy for each other" in done.stdout


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ('{"proxies": {"default": {"httpProxy": "%s", "noProxy": "localhost"}}}', ("localhost",)),
        (
            '{"proxies": {"default": {"noProxy": "*"}, "unix:///docker.sock": {"httpsProxy": "%s", "noProxy": null}}}',
            ("",),
        ),
        (
            '{"proxies": {"default": {"allProxy": "%s", "noProxy": "a"}, "b": {"httpProxy": "p", "noProxy": "b"}}}',
            ("a", "b"),
        ),
        ('{"proxies": {"default": {"noProxy": "localhost"}}}', ()),
        ('{"auths": {}}', ()),
        ('{"proxies": ["%s"]}', ()),
        ('["proxies"]', ()),
        ("not json", ()),
    ],
)
def test_each_proxy_in_the_settings_of_the_docker_command_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, found: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gather("embedded").docker_no_proxies == ()
    (tmp_path / "config.json").write_text(settings.replace("%s", PROXY))
    assert gather("embedded").docker_no_proxies == found


def test_files_and_folders_that_containers_cannot_read_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = {
        "jobs/a.py": 0o640,
        "jobs/b.py": 0o644,
        "jobs": 0o755,
        "queries/c": 0o754,
        "queries": 0o751,
        "docker": 0o705,
    }
    for name, mode in modes.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch() if path.suffix else path.mkdir(exist_ok=True)
        path.chmod(mode)
    monkeypatch.setattr(doctor_facts, "REPOSITORY", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gather("embedded").unreadable == ("jobs/a.py", "queries", "queries/c")


def test_a_port_in_use_is_found(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text('#!/bin/sh\necho \'{"ServerVersion": "28.0.0"}\'\n')
    (tmp_path / "docker").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        path = f"{tmp_path}:/usr/bin:/bin"
        done = lakebox("doctor", PATH=path, LAKEBOX_TARGET="compose", LAKEBOX_TRINO_PORT=str(port))
    assert done.returncode == 1
    assert f"problem port {port} is in use" in done.stdout
