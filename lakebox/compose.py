"""`docker compose` on this repository's stack, with one clear line where it can't work."""

import shutil
import subprocess
from collections.abc import Sequence

from catalog.errors import LakeboxError
from lakebox.settings import REPOSITORY

NO_DOCKER = "no docker command; install Docker Engine with Compose 2.20 or newer, then run lakebox doctor"


class StackError(LakeboxError):
    """The stack, or the Docker engine that it runs on, does not do what it was asked. One line for the user."""


def compose(*arguments: str, check: bool = True, timeout_s: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run `docker compose …`; returns what it printed. Raises StackError where it fails (with `check`) or can't run."""
    try:
        done = subprocess.run(
            compose_command(arguments), capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise StackError(f"docker compose {arguments[0]} took over {timeout_s} s; is the engine well?") from error
    if check and done.returncode:
        raise StackError(reason_of(done.stderr or done.stdout))
    return done


def compose_attached(*arguments: str) -> int:
    """Run `docker compose …` on this terminal; returns its exit status. Raises StackError where there is no docker."""
    return subprocess.run(compose_command(("--progress", "quiet", *arguments)), check=False).returncode


def docker(*arguments: str, timeout_s: float = 20) -> subprocess.CompletedProcess[str]:
    """Run `docker …`; returns what it printed, whatever its exit status. Raises StackError where there is no docker."""
    found = shutil.which("docker")
    if found is None:
        raise StackError(NO_DOCKER)
    return subprocess.run([found, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False)


def running_services() -> set[str]:
    """Names of the services that run."""
    return set(compose("ps", "--services", "--filter", "status=running").stdout.split())


def compose_command(arguments: Sequence[str]) -> list[str]:
    """The command line of `docker compose` on this repository."""
    found = shutil.which("docker")
    if found is None:
        raise StackError(NO_DOCKER)
    return [found, "compose", "--project-directory", str(REPOSITORY), *arguments]


def reason_of(output: str) -> str:
    """What went wrong, in one line: the last that compose printed, with what to do where that is known."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = lines[-1] if lines else "docker compose failed and said nothing"
    if "Cannot connect to the Docker daemon" in output or "error during connect" in output:
        return f"no Docker engine answers; start it, then try again ({last})"
    if "permission denied" in output.lower() and "docker.sock" in output:
        return f"the Docker engine refuses this user; add it to the group docker, then log in again ({last})"
    if "is not a docker command" in output or "unknown flag" in output:
        return f"Docker Compose is missing or too old; install 2.20 or newer ({last})"
    return last
