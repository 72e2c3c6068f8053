"""What would go wrong, before it does: facts about this machine -> findings, each with how to fix it.

Facts are gathered in doctor_facts; nothing here looks at the machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

GIB = 1024**3
LEAST_ENGINE = (20, 10)
LEAST_COMPOSE = (2, 20)
STACK_MEMORY = 6 * GIB
STACK_DISK = 12 * GIB
EMBEDDED_DISK = 2 * GIB
SERVICE_NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Facts:
    """A machine, as far as lakebox cares. None stands for what could not be found out.

    ports_taken: variable -> port, where somebody else listens. free_bytes: folder -> free disk space.
    proxies: names of proxy variables that are set. certificates: names of variables that name a CA bundle of one's own.
    windows_line_ends: files of the repository that were checked out with CRLF and must not be.
    """

    target: str
    python: tuple[int, int]
    java_problem: str | None = None
    docker: bool = True
    engine_problem: str | None = None
    engine: str | None = None
    compose: str | None = None
    memory_bytes: int | None = None
    free_bytes: dict[str, int] = field(default_factory=dict)
    ports_taken: dict[str, int] = field(default_factory=dict)
    proxies: tuple[str, ...] = ()
    no_proxy: str = ""
    certificates: tuple[str, ...] = ()
    windows_line_ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: how bad it is, what was found, and how to fix it ("" where there is nothing to fix)."""

    level: Literal["ok", "warning", "problem"]
    what: str
    fix: str = ""


def examine(facts: Facts) -> list[Finding]:
    """All findings, those of the command itself first. On the embedded target nothing of Docker's is a problem."""
    stack = list(_stack(facts))
    if facts.target == "embedded":
        stack = [Finding("warning", *_words(one)) if one.level == "problem" else one for one in stack]
    return [*_command(facts), *stack]


def _words(finding: Finding) -> tuple[str, str]:
    return f"for the stack: {finding.what}", finding.fix


def _command(facts: Facts) -> Iterator[Finding]:
    version = ".".join(map(str, facts.python))
    if facts.python in ((3, 11), (3, 12)):
        yield Finding("ok", f"Python {version}")
    else:
        yield Finding(
            "problem", f"Python {version}", "make the environment with Python 3.11 or 3.12: make demo PYTHON=…"
        )
    if facts.java_problem is None:
        yield Finding("ok", "a Java for the embedded Spark")
    else:
        yield Finding(
            "problem" if facts.target == "embedded" else "warning", "the embedded Spark has no Java", facts.java_problem
        )
    yield from _disk(facts)
    if facts.windows_line_ends:
        names = ", ".join(facts.windows_line_ends[:3])
        fix = "git config core.autocrlf input, then git rm -rq --cached . && git reset --hard (commit your work first)"
        yield Finding("problem", f"files with Windows line ends, which fail in a container: {names}", fix)


def _disk(facts: Facts) -> Iterator[Finding]:
    needed = EMBEDDED_DISK if facts.target == "embedded" else STACK_DISK
    for folder, free in facts.free_bytes.items():
        text = f"{free / GIB:.0f} GB free at {folder}"
        if free >= needed:
            yield Finding("ok", text)
        else:
            fix = f"free some: {needed / GIB:.0f} GB are needed; docker system df says what Docker holds"
            yield Finding("problem" if free < needed / 4 else "warning", text, fix)


def _stack(facts: Facts) -> Iterator[Finding]:
    if not facts.docker:
        yield Finding("problem", "no docker command", "install Docker Engine with Compose, or Docker Desktop")
        return
    yield _version("Docker Compose", facts.compose, LEAST_COMPOSE, "install the package docker-compose-plugin")
    if facts.engine_problem is not None:
        yield Finding("problem", "no Docker engine answers", facts.engine_problem)
        return
    yield _version("Docker engine", facts.engine, LEAST_ENGINE, "upgrade it: docs.docker.com/engine/install")
    yield _memory(facts)
    yield from _ports(facts)
    yield from _network(facts)


def _version(name: str, found: str | None, least: tuple[int, int], fix: str) -> Finding:
    wanted = ".".join(map(str, least))
    if found is None:
        return Finding("problem", f"{name}: not found", f"{fix} ({wanted} or newer)")
    numbers = tuple(
        int(part) for part in found.lstrip("v").split("-")[0].split("+")[0].split(".")[:2] if part.isdigit()
    )
    if numbers < least:
        return Finding("problem", f"{name} {found} is too old", f"{fix} ({wanted} or newer)")
    return Finding("ok", f"{name} {found}")


def _memory(facts: Facts) -> Finding:
    if facts.memory_bytes is None:
        return Finding("warning", "the engine does not say how much memory it has")
    text = f"{facts.memory_bytes / GIB:.1f} GB of memory for the engine"
    if facts.memory_bytes >= STACK_MEMORY:
        return Finding("ok", text)
    fix = "a run of the stack uses up to 6 GB: give the engine more (Docker Desktop: Settings, Resources)"
    return Finding("warning", text, fix)


def _ports(facts: Facts) -> Iterator[Finding]:
    for variable, port in facts.ports_taken.items():
        fix = f"stop what listens there, or take another one: export {variable}={port + 10000}"
        yield Finding("problem", f"port {port} is in use", fix)
    if not facts.ports_taken:
        yield Finding("ok", "the stack's ports are free, or its own")


def _network(facts: Facts) -> Iterator[Finding]:
    excepted = {name.strip() for name in facts.no_proxy.split(",")}
    missing = [name for name in SERVICE_NAMES if name not in excepted and "*" not in excepted]
    if facts.proxies:
        names = ", ".join(facts.proxies)
        if missing:
            fix = f"add them: export NO_PROXY=$NO_PROXY,{','.join(missing)}"
            yield Finding("problem", f"{names} without {' and '.join(missing)} in NO_PROXY", fix)
        fix = "builds of images get it from ~/.docker/config.json (proxies); see docs/stack.md"
        yield Finding("warning", f"a proxy is set ({names})", fix)
    if facts.certificates:
        fix = "where a build fails on a certificate, put yours into the base image: docs/stack.md says how"
        yield Finding("warning", f"certificates of your own ({', '.join(facts.certificates)})", fix)
