"""`docker compose` on this repository's stack, with one clear line where it can't work."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from jobs.lake.errors import LakeboxError
from lakebox.settings import REPOSITORY, inside_stack, stack_ports

NO_DOCKER = "no docker command; install Docker Engine with Compose 2.20 or newer, then run lakebox doctor"
IN_A_CONTAINER = "this is inside the stack, which is started, stopped and looked at on the host: run this there"
# What docker says in many words -> what to do, in one line.
ADVICE = {
    r"cannot connect to the docker daemon|error during connect": "no Docker engine answers; start it, then try again",
    r"permission denied.*docker": "the Docker engine refuses this user; add it to the group docker, then log in again",
    r"is not a docker command|unknown (shorthand )?flag": "Docker Compose is missing or too old; install 2.20 or newer",
    r"no space left on device": "the engine's disk is full; docker system prune frees some, lakebox doctor counts it",
    r"failed to solve": "an image could not be built; lakebox doctor looks at disk, proxy and certificates",
}
PORT_IN_USE = re.compile(
    r":(\d+)\b.*(?:port is already allocated|address already in use)|exposing port TCP \S+:(\d+)", re.IGNORECASE
)


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
    """Run `docker …`; returns what it printed, whatever its exit status. Raises StackError where it can't run."""
    command = [_docker(), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise StackError(f"docker {arguments[0]} took over {timeout_s} s; start the engine anew") from error


def running_services() -> set[str]:
    """Names of the services that run."""
    return set(compose("ps", "--services", "--filter", "status=running").stdout.split())


def compose_command(arguments: Sequence[str]) -> list[str]:
    """The command line of `docker compose` on this repository; raises StackError where there is no docker."""
    return [_docker(), "compose", "--project-directory", str(REPOSITORY), *arguments]


def json_objects(printed: str) -> list[dict[str, Any]]:
    """What `--format json` printed: an object a line, or one array in Compose before 2.21."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith(("{", "["))]
    return [entry for line in lines for entry in (line if isinstance(line, list) else [line])]


def reason_of(output: str) -> str:
    """What went wrong, in one line: what to do where that is known, and the line in which docker says it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for line in reversed(lines):
        port = PORT_IN_USE.search(line)
        if port:
            return port_in_use(int(port[1] or port[2]))
        for pattern, advice in ADVICE.items():
            if re.search(pattern, line, re.IGNORECASE):
                return f"{advice} ({line[:300]})"
    return lines[-1] if lines else "docker compose failed and said nothing; lakebox doctor looks for the cause"


def port_in_use(port: int) -> str:
    """That somebody else listens on a port, and the variable that chooses another one."""
    variable = next((name for name, known in stack_ports().items() if known == port), "LAKEBOX_…_PORT")
    return f"port {port} is in use; stop what listens there, or take another one: export {variable}={port_beside(port)}"


def port_beside(port: int) -> int:
    """Another port, to suggest."""
    return port + 10000 if port < 50000 else port - 10000


def _docker() -> str:
    found = shutil.which("docker")
    if found is None:
        raise StackError(IN_A_CONTAINER if inside_stack() else NO_DOCKER)
    return found
