"""The facts that the doctor examines, gathered from this machine. Nothing is changed, nothing raises."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jobs.lake.errors import LakeboxError
from lakebox.settings import (
    REPOSITORY,
    docker_config_file,
    environment_names,
    inside_stack,
    no_proxy,
    stack_ports,
)
from lakebox.spark.java import find_java_home
from lakebox.stack.compose import StackError, compose, docker, json_objects, reason_of
from lakebox.stack.doctor import Facts

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
GIVEN_PROXIES = ("httpProxy", "httpsProxy", "allProxy")  # as the docker command's settings call them
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
                "AWS_CA_BUNDLE")  # fmt: skip
RUN_IN_CONTAINERS = ("docker", "jobs", "catalog", "lakebox", "queries", "sample_data", "notebooks")
LEFT_ALONE = ("__pycache__", ".ipynb_checkpoints")


def gather(target: str) -> Facts:
    """Look at this machine."""
    names, files = environment_names(), _files_for_containers()
    info, engine_problem = _engine()
    return Facts(
        target=target,
        python=(sys.version_info[0], sys.version_info[1]),
        inside=inside_stack(),
        java_problem=_java_problem(),
        docker=shutil.which("docker") is not None,
        engine_problem=engine_problem,
        engine=info.get("ServerVersion"),
        compose=_compose_version(),
        memory_bytes=info.get("MemTotal"),
        free_bytes=_free_bytes(None if target == "embedded" else info.get("DockerRootDir")),
        ports=stack_ports(),
        ports_taken=frozenset() if engine_problem else _ports_taken(),
        proxies=tuple(name for name in PROXIES if name in names),
        no_proxy=no_proxy(),
        docker_no_proxies=_docker_no_proxies(),
        certificates=tuple(name for name in CERTIFICATES if name in names),
        windows_line_ends=tuple(_names(path for path in files if _has_windows_line_ends(path))),
        unreadable=tuple(_names(path for path in files if not _is_for_all(path))),
    )


def _java_problem() -> str | None:
    try:
        home = find_java_home()
    except LakeboxError as error:
        return str(error)
    java = str(Path(home, "bin", "java")) if home else "java"
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return f"{java} does not start; correct JAVA_HOME, or unset it"
    first = (done.stderr or done.stdout).partition("\n")[0]
    return None if '"17.' in first else f"{java} is {first or 'silent'}; set JAVA_HOME to a Java 17, or unset it"


def _engine() -> tuple[dict[str, Any], str | None]:
    """`docker info`, and why there is none."""
    try:
        done = docker("info", "--format", "{{json .}}")
    except StackError as error:
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


def _ports_taken() -> frozenset[str]:
    """Variables of ports that somebody listens on, the stack itself aside."""
    own = _own_ports()
    return frozenset(variable for variable, port in stack_ports().items() if port not in own and _is_taken(port))


def _own_ports() -> set[int]:
    try:
        printed = compose("ps", "--format", "json", timeout_s=20).stdout
    except StackError:
        return set()
    return {one["PublishedPort"] for service in json_objects(printed) for one in service.get("Publishers") or []}


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _docker_no_proxies() -> tuple[str, ...]:
    """What the docker command's settings keep from each proxy that they give to builds and containers.

    They have an entry an engine, or one for all (`default`); whichever holds, none may be in the way.
    """
    try:
        entries = json.loads(docker_config_file().read_bytes())["proxies"].values()
        return tuple(entry.get("noProxy") or "" for entry in entries if any(entry.get(name) for name in GIVEN_PROXIES))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # no such file, or not in that form
        return ()


def _files_for_containers() -> list[Path]:
    """Files of the repository that are mounted or copied into containers, and their folders."""
    folders = [REPOSITORY / name for name in RUN_IN_CONTAINERS]
    found = [path for folder in folders for path in (folder, *sorted(folder.rglob("*")))]
    return [path for path in found if path.exists() and not set(LEFT_ALONE) & set(path.parts)]


def _is_for_all(path: Path) -> bool:
    """Whether a user of a container may read a file, or list a folder and open what is in it."""
    needed = 0o005 if path.is_dir() else 0o004
    return path.stat().st_mode & needed == needed


def _names(paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(REPOSITORY).as_posix() for path in paths]


def _has_windows_line_ends(path: Path) -> bool:
    """Whether a file of those that git checks out as text has them; a binary one has a zero byte."""
    if not path.is_file() or path.suffix == ".gz" or path.is_relative_to(REPOSITORY / "sample_data"):
        return False
    content = path.read_bytes()
    return b"\r\n" in content and b"\0" not in content
