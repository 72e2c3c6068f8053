"""What would go wrong, before it does: facts about this machine -> findings, each with how to fix it.

Facts are gathered in doctor_facts; nothing here looks at the machine.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Literal

from lakebox.stack.compose import port_beside

GIB = 1024**3
LEAST_ENGINE = (20, 10)
LEAST_COMPOSE = (2, 20)
STACK_MEMORY = 6 * GIB
STACK_DISK = 12 * GIB
EMBEDDED_DISK = 2 * GIB
LOOPBACK = ("localhost", "127.0.0.1")
CONTAINERS = (
    *LOOPBACK,
    "minio",
    "metastore",
    "trino",
    "spark-master",
    "api",
    "driver",
    "lake-driver",
)  # asked by clients that know of proxies


Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Facts:
    """A machine, as far as lakebox cares. None stands for what could not be found out.

    inside: this is a container of the stack, from which the host's Docker can't be seen.
    ports: variable -> port; ports_taken: those of them where somebody else listens.
    free_bytes: folder -> free disk space, where the repository is and where Docker's data is.
    proxies: names of proxy variables that are set; no_proxy: hosts that none is asked for, as the shell has them.
    docker_no_proxies: likewise, as Docker gives them to builds and containers, a list a proxy that it gives them.
    certificates: names of variables that name a CA bundle of one's own.
    windows_line_ends, unreadable: files of the repository that a container can't run, or can't read.
    """

    target: str
    python: tuple[int, int]
    inside: bool = False
    java_problem: str | None = None
    docker: bool = True
    engine_problem: str | None = None
    engine: str | None = None
    compose: str | None = None
    memory_bytes: int | None = None
    free_bytes: dict[str, int] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    ports_taken: frozenset[str] = frozenset()
    proxies: tuple[str, ...] = ()
    no_proxy: str = ""
    docker_no_proxies: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    windows_line_ends: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: how bad it is, what was found, and how to fix it ("" where there is nothing to fix)."""

    level: Level
    what: str
    fix: str = ""


def examine(facts: Facts) -> list[Finding]:
    """All findings, those of the command itself first. On the embedded target nothing of Docker's is a problem."""
    stack = list(_stack(facts))
    if facts.target == "embedded":
        stack = [_note(finding) if finding.level == "problem" else finding for finding in stack]
    return [*_command(facts), *stack]


def _note(finding: Finding) -> Finding:
    return Finding("warning", f"for the stack: {finding.what}", finding.fix)


def _command(facts: Facts) -> Iterator[Finding]:
    version = ".".join(map(str, facts.python))
    if facts.python in ((3, 11), (3, 12)):
        yield Finding("ok", f"Python {version}")
    else:
        fix = "make the environment with Python 3.11 or 3.12: make demo PYTHON=python3.11"
        yield Finding("problem", f"Python {version}", fix)
    if facts.java_problem is None:
        yield Finding("ok", "Java 17 for the embedded Spark")
    else:
        level: Level = "problem" if facts.target == "embedded" else "warning"
        yield Finding(level, "the embedded Spark has no Java 17", facts.java_problem)
    if facts.target == "embedded":
        yield from _disk(facts, EMBEDDED_DISK)


def _disk(facts: Facts, needed: int) -> Iterator[Finding]:
    for folder, free in facts.free_bytes.items():
        text = f"{free / GIB:.0f} GB free at {folder}"
        if free >= needed:
            yield Finding("ok", text)
        else:
            fix = f"free some: {needed / GIB:.0f} GB are needed; docker system df says what Docker holds"
            yield Finding("problem" if free < needed / 4 else "warning", text, fix)


def _stack(facts: Facts) -> Iterator[Finding]:
    if facts.inside:
        yield Finding("warning", "this is inside the stack: Docker can't be seen", "run lakebox doctor on the host")
        return
    yield from _files(facts)
    if not facts.docker:
        yield Finding("problem", "no docker command", "install Docker Engine with Compose, or Docker Desktop")
        return
    yield _version("Docker Compose", facts.compose, LEAST_COMPOSE, "install the package docker-compose-plugin")
    if facts.engine_problem is not None:
        yield Finding("problem", "the Docker engine can't be used", facts.engine_problem)
        return
    yield _version("Docker engine", facts.engine, LEAST_ENGINE, "upgrade it: docs.docker.com/engine/install")
    yield _memory(facts)
    if facts.target != "embedded":
        yield from _disk(facts, STACK_DISK)
    yield from _ports(facts)
    yield from _network(facts)


def _files(facts: Facts) -> Iterator[Finding]:
    if facts.windows_line_ends:
        fix = "commit your work, then git config core.autocrlf input && git rm -rq --cached . && git reset --hard"
        names = _some(facts.windows_line_ends)
        yield Finding("problem", f"files with Windows line ends, which fail in a container: {names}", fix)
    if facts.unreadable:
        fix = "in the repository: chmod -R a+rX jobs catalog lakebox queries sample_data notebooks docker"
        names = _some(facts.unreadable)
        yield Finding("problem", f"files that only you may read, and no user of a container: {names}", fix)


def _some(names: tuple[str, ...], shown: int = 3) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


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
    for variable, port in facts.ports.items():
        fix = f"take another one: export {variable}={port_beside(port)}"
        if list(facts.ports.values()).index(port) < list(facts.ports).index(variable):
            yield Finding("problem", f"port {port} is given to two services", fix)
        elif variable in facts.ports_taken:
            yield Finding("problem", f"port {port} is in use", f"stop what listens there, or {fix}")
        else:
            yield Finding("ok", f"port {port} is free, or the stack's own ({variable})")


def _network(facts: Facts) -> Iterator[Finding]:
    names = ", ".join(sorted({name.upper() for name in facts.proxies}))
    missing = _not_in(facts.no_proxy, LOOPBACK)
    if facts.proxies and missing:
        fix = f"add them: export NO_PROXY=${{NO_PROXY:+$NO_PROXY,}}{','.join(missing)}"
        yield Finding("problem", f"{names} without {' and '.join(missing)} in NO_PROXY", fix)
    if facts.docker_no_proxies:
        asked = {host for hosts in facts.docker_no_proxies for host in _not_in(hosts, CONTAINERS)}
        missing = [host for host in CONTAINERS if host in asked]
        fix = f"add to noProxy in ~/.docker/config.json: {','.join(missing)}"
        if missing:
            yield Finding("problem", "containers would ask Docker's proxy for each other", fix)
    elif facts.proxies:
        fix = "builds of images know nothing of it; where they need it, docs/stack.md (Behind a proxy) says how"
        yield Finding("warning", f"a proxy is set ({names})", fix)
    if facts.certificates:
        fix = "builds of images know nothing of them; where they need them, docs/stack.md (Behind a proxy) says how"
        yield Finding("warning", f"certificates of your own ({', '.join(facts.certificates)})", fix)


def _not_in(no_proxy: str, hosts: Iterable[str]) -> list[str]:
    """Hosts for which a proxy would be asked."""
    excepted = {entry.strip() for entry in no_proxy.split(",") if entry.strip()}
    return [host for host in hosts if not any(_excepts(entry, host) for entry in excepted)]


def _excepts(entry: str, host: str) -> bool:
    if entry in ("*", host):
        return True
    try:
        return "/" in entry and ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        return False
