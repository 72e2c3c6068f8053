"""What the stack's containers are doing: services from `docker compose ps`, memory from `docker stats`, addresses."""

import json
import re
from dataclasses import dataclass
from typing import Any

from lakebox.compose import compose, docker
from lakebox.settings import stack_ports

UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
ORDER = ("secrets", "minio", "storage", "postgres", "metastore", "spark-master", "spark-worker", "trino", "catalog",
         "jupyter")  # fmt: skip


@dataclass(frozen=True)
class Service:
    """A container of the stack. state: ready, starting, failed, done (a one-shot that ended well), or stopped."""

    name: str
    container: str
    state: str


def services() -> list[Service]:
    """The stack's containers in the order of the data flow; raises StackError where compose can't be asked."""
    printed = compose("ps", "--all", "--format", "json", timeout_s=60).stdout
    entries = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    found = [Service(entry["Service"], entry["ID"], state_of(entry)) for entry in entries]
    return sorted((one for one in found if one.name in ORDER), key=lambda one: (ORDER.index(one.name), one.container))


def state_of(entry: dict[str, Any]) -> str:
    """One word for what `docker compose ps` says of a container."""
    if entry["State"] == "exited":
        return "done" if entry["ExitCode"] == 0 and entry["Service"] in ("secrets", "storage", "catalog") else "failed"
    if entry["State"] != "running":
        return "starting" if entry["State"] in ("created", "restarting") else "stopped"
    return {"healthy": "ready", "unhealthy": "failed", "": "ready"}.get(entry["Health"], "starting")


def memory_bytes(containers: list[str]) -> dict[str, int]:
    """Memory that running containers use, by container."""
    if not containers:
        return {}
    printed = docker("stats", "--no-stream", "--format", "json", *containers, timeout_s=60).stdout
    entries = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    used = {entry["ID"]: bytes_of(entry["MemUsage"].split("/")[0]) for entry in entries}
    return {container: used.get(container[:12], 0) for container in containers}


def bytes_of(text: str) -> int:
    """`83.5MiB` in bytes."""
    match = re.fullmatch(r"\s*([\d.]+)\s*([A-Za-z]+)\s*", text)
    return int(float(match[1]) * UNITS.get(match[2], 1)) if match else 0


def addresses() -> dict[str, str]:
    """Where each service is reached on this machine."""
    ports = stack_ports()
    return {
        "minio": f"S3 http://127.0.0.1:{ports['LAKEBOX_MINIO_PORT']}, "
        f"console http://127.0.0.1:{ports['LAKEBOX_MINIO_CONSOLE_PORT']}",
        "spark-master": f"http://127.0.0.1:{ports['LAKEBOX_SPARK_PORT']}",
        "trino": f"http://127.0.0.1:{ports['LAKEBOX_TRINO_PORT']}",
        "jupyter": f"http://127.0.0.1:{ports['LAKEBOX_JUPYTER_PORT']}",
    }


def jupyter_address() -> str:
    """JupyterLab's address with the token that opens it."""
    token = compose("exec", "--no-TTY", "jupyter", "cat", "/run/lakebox/notebooks/token", timeout_s=30).stdout.strip()
    return f"{addresses()['jupyter']}/lab?token={token}"
