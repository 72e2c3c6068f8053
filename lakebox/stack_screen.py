"""`lakebox up` and `down`: what is being built, what is starting, what is ready, and where to find it."""

import subprocess
import threading
from collections import deque
from collections.abc import Iterable
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from lakebox.compose import StackError, compose, compose_command, reason_of
from lakebox.screens import wide_console
from lakebox.stack_state import Service, addresses, jupyter_address, memory_bytes, services

POLL_S = 1.0
MARKS = {"ready": "[green]✓[/]", "done": "[green]✓[/]", "failed": "[red]✗[/]"}
NEXT = """Try next
  export LAKEBOX_TARGET=compose      # from here on the command works on the stack
  lakebox run                        # raw -> Bronze -> Silver -> quality gate -> Gold, on the cluster
  lakebox sql "SELECT * FROM gold_user_features LIMIT 5"
  lakebox down                       # stops it and keeps all data; --purge starts over"""


def bring_up(workers: int | None, *, build: bool) -> None:
    """Start the stack and wait until it is ready; raises StackError with what is not, and the end of its log."""
    console = wide_console(stderr=True)
    flags = [*(["--build"] if build else []), *(["--scale", f"spark-worker={workers}"] if workers else [])]
    start = monotonic()
    ended, said = _watched(console, compose_command(["up", "--detach", "--wait", *flags]))
    found = services() if said is not None else []
    if ended:
        raise StackError(why_not_up(found, "\n".join(said)))
    console.print(f"The stack is ready after {monotonic() - start:.0f} s.")
    print_addresses(console, found)
    console.print(NEXT)


def _watched(console: Console, command: list[str]) -> tuple[int, Iterable[str]]:
    """Run compose and show what changes; returns its exit status and the last lines that it printed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    said: deque[str] = deque(maxlen=200)
    reader = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    reader.start()
    shown: set[tuple[str, str]] = set()
    with Status("starting the stack", console=console) as status:
        while process.poll() is None:
            _show_changes(console, shown)
            status.update(escape(what_now(said)))
            reader.join(POLL_S)
    reader.join()
    _show_changes(console, shown)
    return process.returncode, said


def _show_changes(console: Console, shown: set[tuple[str, str]]) -> None:
    """A line for each service that has become ready, is done, or has failed."""
    try:
        found = services()
    except StackError:
        return  # compose says it better when it ends
    for service in found:
        if service.state in MARKS and (service.container, service.state) not in shown:
            shown.add((service.container, service.state))
            console.print(f"{MARKS[service.state]} {service.name}")


def what_now(said: Iterable[str]) -> str:
    """What compose is at, in a few words: the image that is being built, or the last thing that it said."""
    lines = [line.strip() for line in said if line.strip()]
    building = [line.split("[", 1)[1].split("]", 1)[0] for line in lines[-30:] if line.startswith("#") and "[" in line]
    if building:
        return f"building images: {building[-1]}"
    return lines[-1][:100] if lines else "starting the stack"


def why_not_up(found: list[Service], said: str) -> str:
    """Which services are not ready and what they said last, in a few lines; what compose said where none is there."""
    failed = [service.name for service in found if service.state not in ("ready", "done")]
    if not failed:
        return f"{reason_of(said)}; lakebox doctor looks for the cause"
    tails = []
    for name in dict.fromkeys(failed):
        log = compose("logs", "--no-color", "--no-log-prefix", "--tail", "3", name, check=False, timeout_s=60).stdout
        tails += [f"  {name}: {line.strip()[:160]}" for line in log.splitlines() if line.strip()]
    head = f"not ready: {', '.join(dict.fromkeys(failed))}; docker compose logs SERVICE says more"
    return "\n".join([head, *tails])


def print_addresses(console: Console, found: list[Service]) -> None:
    """A line a service: state, memory and address; then what all use together, and Jupyter with its token."""
    running = [service.container for service in found if service.state in ("ready", "starting")]
    used = memory_bytes(running)
    where = addresses()
    table = Table()
    for name in ("service", "state", "memory", "address"):
        table.add_column(name, justify="right" if name == "memory" else "left", overflow="fold")
    for service in found:
        memory = f"{used[service.container] / 2**20:.0f} MB" if service.container in used else ""
        table.add_row(service.name, service.state, memory, where.get(service.name, ""))
    console.print(table)
    console.print(f"Memory in use: {sum(used.values()) / 2**30:.2f} GB")
    console.print(
        "MinIO's console: user lakebox-root, password: docker compose exec minio cat /run/lakebox/minio/root-password"
    )
    if any(service.name == "jupyter" and service.state == "ready" for service in found):
        console.print(f"Notebooks: {jupyter_address()}", soft_wrap=True)


def take_down(*, purge: bool) -> None:
    """Stop the stack; with purge delete its data, catalog, secrets and notebooks, too. Raises StackError."""
    console = wide_console(stderr=True)
    before = _volumes() if purge else []
    with Status("stopping the stack", console=console):
        arguments = ["--profile", "command", "down", "--remove-orphans", *(["--volumes"] if purge else [])]
        compose(*arguments, timeout_s=300)
    if purge:
        console.print(
            f"The stack is gone, with {len(before)} volumes: data, catalog, secrets and notebooks of your own."
        )
    else:
        console.print(
            "The stack has stopped; all data is kept. lakebox up starts it again, lakebox down --purge deletes it."
        )


def _volumes() -> list[str]:
    return compose("config", "--volumes").stdout.split()
