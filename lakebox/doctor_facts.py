"""The facts that the doctor examines, gathered from this machine. Nothing is changed, nothing raises."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from catalog.errors import LakeboxError
from lakebox.compose import StackError, compose, docker, reason_of
from lakebox.doctor import Facts
from lakebox.local_spark import find_java_home
from lakebox.settings import REPOSITORY, environment_names, no_proxy, stack_ports

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
RUN_IN_CONTAINERS = ("docker/*/*", "jobs/*.py", "catalog/*", "compose.yaml")


def gather(target: str) -> Facts:
    """Look at this machine."""
    names = environment_names()
    info, engine_problem = _engine()
    return Facts(
        target=target,
        python=(sys.version_info[0], sys.version_info[1]),
        java_problem=_java_problem(),
        docker=shutil.which("docker") is not None,
        engine_problem=engine_problem,
        engine=info.get("ServerVersion"),
        compose=_compose_version(),
        memory_bytes=info.get("MemTotal"),
        free_bytes=_free_bytes(info.get("DockerRootDir")),
        ports_taken={} if engine_problem else _ports_taken(),
        proxies=tuple(name for name in PROXIES if name in names),
        no_proxy=no_proxy(),
        certificates=tuple(name for name in CERTIFICATES if name in names),
        windows_line_ends=tuple(_windows_line_ends()),
    )


def _java_problem() -> str | None:
    try:
        find_java_home()
    except LakeboxError as error:
        return str(error)
    return None


def _engine() -> tuple[dict[str, Any], str | None]:
    """`docker info`, and why there is none."""
    try:
        done = docker("info", "--format", "{{json .}}")
    except (StackError, subprocess.TimeoutExpired) as error:
        return {}, str(error)
    try:
        info: dict[str, Any] = json.loads(done.stdout or "{}")
    except ValueError:
        info = {}
    if done.returncode or not info.get("ServerVersion"):
        errors = "\n".join(info.get("ServerErrors") or []) or done.stderr
        return {}, reason_of(errors)
    return info, None


def _compose_version() -> str | None:
    try:
        return compose("version", "--short", timeout_s=20).stdout.strip() or None
    except StackError:
        return None


def _free_bytes(docker_root: str | None) -> dict[str, int]:
    folders = [str(REPOSITORY), *([docker_root] if docker_root and Path(docker_root).is_dir() else [])]
    return {folder: shutil.disk_usage(folder).free for folder in folders}


def _ports_taken() -> dict[str, int]:
    """Ports that somebody listens on, the stack itself aside."""
    own = _own_ports()
    return {variable: port for variable, port in stack_ports().items() if port not in own and _is_taken(port)}


def _own_ports() -> set[int]:
    try:
        printed = compose("ps", "--format", "json", timeout_s=20).stdout
    except StackError:
        return set()
    services = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return {one["PublishedPort"] for service in services for one in service.get("Publishers") or []}


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _windows_line_ends() -> list[str]:
    files = [path for pattern in RUN_IN_CONTAINERS for path in sorted(REPOSITORY.glob(pattern)) if path.is_file()]
    return [path.relative_to(REPOSITORY).as_posix() for path in files if b"\r\n" in path.read_bytes()]
