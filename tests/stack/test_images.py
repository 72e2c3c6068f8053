"""Images are built here and once: never pulled, never again for a change in a job or notebook, and small enough."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from stack.running_stack import REPOSITORY, Stack, docker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

CHANGED = ("jobs/raw_to_bronze.py", "notebooks/01_layers.ipynb", "catalog/tables.py", "lakebox/cli.py", "README.md")


def services(stack: Stack) -> dict[str, dict[str, str]]:
    printed = stack.compose("--profile", "command", "config", "--format", "json").stdout
    found: dict[str, dict[str, str]] = json.loads(printed)["services"]
    return found


@pytest.mark.parametrize(
    ("image", "java"),
    [
        ("spark", "java -cp /opt/spark/classes/spark.jar -XX:SharedArchiveFile=/opt/spark/classes/classes.jsa"),
        ("jupyter", "java -cp /opt/spark/classes/spark.jar -XX:SharedArchiveFile=/opt/spark/classes/classes.jsa"),
        ("trino", "java @/etc/trino/jvm.options -cp '/opt/trino/lib/*'"),
    ],
)
def test_java_can_use_the_class_archive(image: str, java: str) -> None:
    docker("run", "--rm", "--entrypoint", "bash", f"lakebox/{image}:0.1.0", "-c", f"{java} -Xshare:on -version")


def test_compose_asks_no_registry_for_what_it_builds(stack: Stack) -> None:
    assert {name: service["pull_policy"] for name, service in services(stack).items()} == dict.fromkeys(
        services(stack), "never"
    )
    built = sorted(service["image"] for service in services(stack).values() if "build" in service)
    assert built == sorted({service["image"] for service in services(stack).values()})  # each once
    override = "services: {secrets: {image: 'lakebox/setup:not-built-yet'}}"
    other = Stack("lakebox-test-build", stack.environment)
    up = ("--file", "compose.yaml", "--file", "/dev/stdin", "up", "--no-start", "secrets")
    command = ["docker", "compose", "--progress", "plain", *up]
    try:
        done = subprocess.run(
            command,
            input=override,
            cwd=REPOSITORY,
            env=other.compose_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "pull" not in (done.stdout + done.stderr).lower()
        assert docker("image", "inspect", "--format", "{{.Id}}", "lakebox/setup:not-built-yet")
    finally:
        other.compose("down", "--volumes")
        docker("image", "rm", "lakebox/setup:not-built-yet")


def test_a_change_in_jobs_or_notebooks_builds_nothing(stack: Stack, tmp_path: Path) -> None:
    copy = tmp_path / "clone"
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines():
        if (REPOSITORY / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, copy / name)
    for name in CHANGED:
        (copy / name).write_text((copy / name).read_text() + "\n")
    images = sorted({service["image"] for service in services(stack).values()})
    before = docker("image", "inspect", "--format", "{{.Id}}", *images)
    build = ("--project-directory", str(copy), "--file", str(copy / "compose.yaml"), "build", "--quiet")
    Stack("lakebox").compose(*build)
    assert docker("image", "inspect", "--format", "{{.Id}}", *images) == before


@pytest.mark.long
def test_the_stack_keeps_to_its_figures() -> None:
    done = subprocess.run(
        [sys.executable, "bench/stack.py"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (ready_s,) = re.findall(r"from built images to ready: (\d+) s", done.stdout)
    (rest_gb,) = re.findall(r"memory at rest: ([\d.]+) GB", done.stdout)
    (peak_gb,) = re.findall(r"peak memory ([\d.]+) GB", done.stdout)
    assert int(ready_s) < 45, done.stdout
    assert float(rest_gb) < 2.5, done.stdout
    assert float(peak_gb) < 6, done.stdout
