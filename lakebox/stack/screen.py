"""Shows `lakebox up`, `down` and `doctor`: what is built, starting or ready, where to find it, and what is wrong."""

import re
import subprocess
import threading
from collections import deque
from collections.abc import Collection
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from lakebox.console import wide_console
from lakebox.stack.compose import StackError, compose, compose_command, reason_of
from lakebox.stack.doctor import Finding
from lakebox.stack.state import Service, addresses, image_builds, jupyter_address, memory_bytes, services, volumes

POLL_S = 1.0
LONGEST_WAIT_S = 600  # from the last image built to everything ready; a busy laptop needs two minutes
PASSWORD = "docker compose exec minio cat /run/lakebox/minio/root-password"  # noqa: S105  a command, not a password
NAMED = 4  # services that are waited for; with more the line would not fit a terminal
BLAMED = ("failed", "stopped", "starting")
NOT_THE_SERVICES = ("port ", "no Docker", "the Docker", "Docker Compose", "the engine's")
NETWORK_HELD = (
    "has active endpoints"  # an engine says so of a container that it has lost track of; `up` works all the same
)
TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # Compose starts each line of a log with one
NEXT = """Try next
  LAKEBOX_TARGET=compose lakebox run       # raw -> Bronze -> Silver -> quality gate -> Gold, on the cluster
  docker compose run --rm lakebox run      # the same without Python on this machine, in the repository's folder
  LAKEBOX_TARGET=compose lakebox sql "SELECT * FROM gold_user_features LIMIT 5"
  lakebox status                           # what runs; with LAKEBOX_TARGET=compose, as for all verbs
  lakebox down                             # stops it and keeps all data; --purge starts over"""


def bring_up(workers: int | None, *, build: bool) -> None:
    """Start the stack and wait until it is ready; raises StackError with what is not, and the end of its log."""
    console = wide_console(stderr=True)
    flags = [*(["--build"] if build else []), *(["--scale", f"spark-worker={workers}"] if workers else [])]
    if not build and image_builds():
        console.print("Building the images: the first time this takes a few minutes.")
    start = monotonic()
    command = compose_command(["up", "--detach", "--wait", "--wait-timeout", str(LONGEST_WAIT_S), *flags])
    exit_status, said = _watched(console, command, start)
    if exit_status:
        raise StackError(why_not_up(services_if_any(), said))
    duration_s = monotonic() - start
    print_addresses(console, services())
    console.print(f"The stack is ready after {duration_s:.0f} s.")
    if workers:
        console.print(f"The next lakebox up keeps to {workers} workers if you export LAKEBOX_WORKERS={workers}")
    console.print(NEXT)


def _watched(console: Console, command: list[str], start: float) -> tuple[int, list[str]]:
    """Run compose and show what changes; returns its exit status and the last lines that it printed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    said: deque[str] = deque(maxlen=200)
    reader = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    reader.start()
    shown = {service.container for service in services_if_any() if service.state == "done"}  # the last time, maybe
    with Status("starting the stack", console=console) as status:
        while reader.is_alive():
            found = services_if_any()
            _show_ready(console, found, shown, start)
            now = what_now(list(said), found)
            status.update(f"{escape(now)} [dim]({monotonic() - start:.0f} s)[/]")
            if not console.is_terminal and now.startswith("building") and now not in shown:
                shown.add(now)
                console.print(escape(now), soft_wrap=True)
            reader.join(POLL_S)
    exit_status = process.wait()
    _show_ready(console, services_if_any(), shown, start)
    return exit_status, list(said)


def services_if_any() -> list[Service]:
    """The stack's containers; none where compose can't be asked, which `up` itself says better when it ends."""
    try:
        return services()
    except StackError:
        return []


def _show_ready(console: Console, found: list[Service], shown: set[str], start: float) -> None:
    """A line for each container that has become ready, or has done its work."""
    for service in found:
        if service.state not in ("ready", "done"):
            shown.discard(service.container)
        elif service.container not in shown:
            shown.add(service.container)
            console.print(f"[green]✓[/] {service.label} [dim]({monotonic() - start:.0f} s)[/]")


def what_now(said: list[str], found: Collection[Service]) -> str:
    """What compose is at, in a few words: the image that is being built, or the services that it waits for."""
    lines = [line.strip() for line in said if line.strip()]
    if lines and lines[-1].startswith("#"):
        steps = [line.split("[", 1)[1].split("]", 1)[0] for line in lines if line.startswith("#") and "[" in line]
        return f"building images: {steps[-1]}" if steps else "building images"
    waited_for = list(dict.fromkeys(service.name for service in found if service.state not in ("ready", "done")))
    if waited_for:
        others = f" and {len(waited_for) - NAMED} more" if len(waited_for) > NAMED else ""
        return f"waiting for {', '.join(waited_for[:NAMED])}{others}"
    return lines[-1][:100] if lines else "starting the stack"


def why_not_up(found: Collection[Service], said: list[str]) -> str:
    """What went wrong: the end of a build, or which services are not ready with the end of their logs.

    said: what compose printed. Where no service is to blame (no engine, a port in use), its own reason.
    """
    reason = reason_of("\n".join(said))
    if "could not be built" in reason:
        return "\n".join([reason, *(f"  {line.strip()[:200]}" for line in said[-12:-1] if line.strip("- \n"))])
    states = {state: list(dict.fromkeys(one.name for one in found if one.state == state)) for state in BLAMED}
    blamed = next((names for names in states.values() if names), [])
    if not blamed or reason.startswith(NOT_THE_SERVICES):
        return reason
    head = f"not ready: {', '.join(blamed)}; docker compose logs SERVICE says more, lakebox doctor looks for a cause"
    return "\n".join([head, *(line for name in blamed for line in _end_of_log(name))])


def _end_of_log(name: str, shown: int = 5) -> list[str]:
    """The last lines of a service's log, without Java's stack frames, which would hide the cause."""
    log = compose("logs", "--no-color", "--no-log-prefix", "--tail", "60", name, check=False, timeout_s=60).stdout
    lines = [TERMINAL_CODES.sub("", line).strip() for line in log.splitlines()]
    told = [line for line in lines if line and not line.startswith(("at ", "... "))]
    return [f"  {name}: {line[:200]}" for line in told[-shown:]]


def print_addresses(console: Console, found: list[Service]) -> None:
    """A line a service: state, memory and address; then what all use together, and how to get in."""
    used = memory_bytes([service.container for service in found if service.state in ("ready", "starting")])
    where = addresses()
    table = Table()
    for name in ("service", "state", "memory", "address"):
        table.add_column(name, justify="right" if name == "memory" else "left", overflow="fold")
    for service in found:
        memory = f"{used[service.container] / 2**20:.0f} MB" if service.container in used else ""
        table.add_row(service.label, service.state, memory, where.get(service.name, ""))
    console.print(table)
    console.print(f"Memory in use: {sum(used.values()) / 2**30:.2f} GB")
    ready = {service.name for service in found if service.state == "ready"}
    if "minio" in ready:
        console.print(f"MinIO's console: user lakebox-root, password: {PASSWORD}")
    if "jupyter" in ready:
        console.print(f"Notebooks: {jupyter_address()}", soft_wrap=True)


def take_down(*, purge: bool) -> None:
    """Stop the stack; with purge delete its data, catalog, secrets and notebooks, too. Raises StackError."""
    console = wide_console(stderr=True)
    before = volumes()
    with Status("stopping the stack", console=console):
        arguments = ["--profile", "command", "down", "--remove-orphans", *(["--volumes"] if purge else [])]
        done = compose(*arguments, check=False, timeout_s=300)
        if done.returncode and (NETWORK_HELD not in done.stderr or _containers()):
            raise StackError(reason_of(done.stderr))
    if not purge:
        kept = "all data is kept: lakebox up starts it again, lakebox down --purge deletes it"
        console.print(f"The stack has stopped; {kept if before else 'there is no data of it'}.")
        return
    gone = sorted(set(before) - set(volumes()))
    console.print("The stack is gone, and so is its data:" if gone else "The stack is gone; there is no data of it.")
    for name in gone:
        console.print(f"  deleted volume {escape(name)}")


def _containers() -> list[str]:
    """Ids of the stack's containers, of those too that have ended."""
    return compose("--profile", "command", "ps", "--all", "--quiet").stdout.split()


def print_findings(findings: list[Finding]) -> None:
    """The doctor's findings, a line each, and below it how to fix it."""
    console = wide_console()
    marks = {"ok": "[green]✓ ok     [/]", "warning": "[yellow]! warning[/]", "problem": "[red]✗ problem[/]"}
    for finding in findings:
        console.print(f"{marks[finding.level]} {escape(finding.what)}", soft_wrap=True)
        if finding.fix:
            console.print(f"          {escape(finding.fix)}", soft_wrap=True)
