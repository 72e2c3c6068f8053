"""What the stack's containers are doing: services from `docker compose ps`, memory from `docker stats`, addresses."""

import json
import re
from dataclasses import dataclass
from typing import Any

from lakebox.settings import stack_ports
from lakebox.stack.compose import compose, docker, json_objects

UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
ORDER = ("secrets", "minio", "storage", "postgres", "metastore", "spark-master", "spark-worker", "trino", "catalog",
         "driver", "lake-driver", "api", "jupyter")  # fmt: skip
ONE_SHOTS = ("secrets", "storage", "catalog")


@dataclass(frozen=True)
class Service:
    """A container of the stack.

    container: its ID. number: which of the service's containers it is.
    state: ready, starting, waiting (for what it depends on), failed, done (a one-shot that ended well), or stopped.
    """

    name: str
    container: str
    state: str
    number: int = 1

    @property
    def label(self) -> str:
        """The service, numbered from its second container on."""
        return self.name if self.number == 1 else f"{self.name} {self.number}"


def services() -> list[Service]:
    """The stack's containers in the order of the data flow; raises StackError where compose can't be asked."""
    printed = compose("ps", "--all", "--format", "json", timeout_s=60).stdout
    found = [
        Service(entry["Service"], entry["ID"], state_of(entry), int(entry["Name"].rpartition("-")[2]))
        for entry in json_objects(printed)
        if entry["Service"] in ORDER
    ]
    return sorted(found, key=lambda one: (ORDER.index(one.name), one.number))


def state_of(entry: dict[str, Any]) -> str:
    """One word for what `docker compose ps` says of a container."""
    is_one_shot = entry["Service"] in ONE_SHOTS
    if entry["State"] == "exited" and is_one_shot:
        return "done" if entry["ExitCode"] == 0 else "failed"
    if entry["State"] != "running":  # the engine starts a service that ended by itself again: "exited" was stopped
        return {"created": "waiting", "restarting": "failed", "dead": "failed"}.get(entry["State"], "stopped")
    if is_one_shot:
        return "starting"
    return {"healthy": "ready", "unhealthy": "failed", "": "ready"}.get(entry["Health"], "starting")


def image_builds() -> bool:
    """Whether an image is missing, so that `up` builds it."""
    wanted = set(compose("config", "--images", timeout_s=60).stdout.split())
    found = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
    return not wanted <= set(found)


def volumes() -> list[str]:
    """Names of the volumes that the stack has made."""
    project = compose("config", "--format", "json", timeout_s=60).stdout
    label = f"label=com.docker.compose.project={json.loads(project)['name']}"
    return sorted(docker("volume", "ls", "--quiet", "--filter", label).stdout.split())


def memory_bytes(containers: list[str]) -> dict[str, int]:
    """Memory that running containers use, by container."""
    if not containers:
        return {}
    printed = docker("stats", "--no-stream", "--format", "{{json .}}", *containers, timeout_s=60).stdout
    used = {entry["ID"][:12]: bytes_of(entry["MemUsage"].split("/")[0]) for entry in json_objects(printed)}
    return {container: used[container[:12]] for container in containers if container[:12] in used}


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
        "api": f"http://127.0.0.1:{ports['LAKEBOX_API_PORT']}",
        "spark-master": f"http://127.0.0.1:{ports['LAKEBOX_SPARK_PORT']}",
        "trino": f"http://127.0.0.1:{ports['LAKEBOX_TRINO_PORT']}",
        "jupyter": f"http://127.0.0.1:{ports['LAKEBOX_JUPYTER_PORT']}",
    }


def jupyter_address() -> str:
    """JupyterLab's address with the token that opens it."""
    token = compose("exec", "--no-TTY", "jupyter", "cat", "/run/lakebox/notebooks/token", timeout_s=30).stdout.strip()
    return f"{addresses()['jupyter']}/lab?token={token}"
