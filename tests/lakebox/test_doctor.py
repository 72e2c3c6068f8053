"""The doctor's findings: each thing that goes wrong is named with how to fix it."""

from dataclasses import replace

import pytest

from lakebox.doctor import GIB, Facts, examine
from lakebox.doctor_facts import gather

WELL = Facts(
    target="compose",
    python=(3, 11),
    engine="28.0.1",
    compose="v2.30.3",
    memory_bytes=8 * GIB,
    free_bytes={"/": 50 * GIB},
)


def problems(facts: Facts, level: str = "problem") -> list[str]:
    return [f"{finding.what}: {finding.fix}" for finding in examine(facts) if finding.level == level]


def test_a_machine_that_has_all_has_no_finding_but_good_ones() -> None:
    assert {finding.level for finding in examine(WELL)} == {"ok"}


@pytest.mark.parametrize(
    ("change", "named", "fix"),
    [
        ({"python": (3, 9)}, "Python 3.9", "Python 3.11 or 3.12"),
        ({"docker": False}, "no docker command", "install Docker Engine"),
        ({"engine_problem": "no Docker engine answers; start it"}, "no Docker engine answers", "start it"),
        ({"engine": "19.3.8"}, "Docker engine 19.3.8 is too old", "20.10 or newer"),
        ({"compose": "2.17.2"}, "Docker Compose 2.17.2 is too old", "2.20 or newer"),
        ({"compose": None}, "Docker Compose: not found", "docker-compose-plugin"),
        ({"free_bytes": {"/var": GIB}}, "1 GB free at /var", "12 GB are needed"),
        ({"ports_taken": {"LAKEBOX_TRINO_PORT": 8080}}, "port 8080 is in use", "export LAKEBOX_TRINO_PORT=18080"),
        ({"proxies": ("HTTP_PROXY",), "no_proxy": "localhost"}, "without 127.0.0.1 in NO_PROXY", "export NO_PROXY"),
        ({"windows_line_ends": ("docker/spark/worker",)}, "docker/spark/worker", "core.autocrlf"),
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
        ({"certificates": ("SSL_CERT_FILE",)}, "certificates of your own"),
        ({"java_problem": "install Java 17"}, "no Java"),
    ],
)
def test_what_may_go_wrong_is_a_warning(change: dict[str, object], named: str) -> None:
    changed = replace(WELL, **change)  # type: ignore[arg-type]
    (warning,) = problems(changed, "warning")
    assert named in warning
    assert problems(changed) == []


def test_without_docker_the_embedded_target_has_no_problem() -> None:
    facts = replace(WELL, target="embedded", docker=False)
    assert problems(facts) == []
    assert problems(facts, "warning")[0].startswith("for the stack: no docker command")


def test_a_missing_java_is_a_problem_of_the_embedded_target() -> None:
    assert problems(replace(WELL, target="embedded", java_problem="install Java 17")) == [
        "the embedded Spark has no Java: install Java 17"
    ]


def test_this_machine_can_be_looked_at() -> None:
    facts = gather("embedded")
    assert facts.python >= (3, 11)
    assert all(free > 0 for free in facts.free_bytes.values())
    assert facts.windows_line_ends == ()
