"""Measure the stack: python bench/stack.py [--build | --build-from-nothing].

Needs a Docker engine; uses a project of its own, lakebox-bench. Prints seconds from built images to ready, memory at
rest and at its peak during a run on sample_data, the run's seconds on the cluster, how long a query takes by Athena's
API and by Trino alone, and a table of images. With --build each step of the images is built and timed first; packages
that the builder keeps from another time are not downloaded again. --build-from-nothing downloads them, too: it empties
the cache of this machine's builder, that of your other projects included.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lakebox.stack.trino_client import TrinoClient

REPOSITORY = Path(__file__).resolve().parent.parent
PORTS = ("MINIO_PORT", "MINIO_CONSOLE_PORT", "SPARK_PORT", "TRINO_PORT", "JUPYTER_PORT", "API_PORT")
QUERY = "SELECT count(*) FROM awsdatacatalog.ai_lakehouse_db.gold_user_features"
QUERIES = 30
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("LAKEBOX_")},
    **{f"LAKEBOX_{name}": str(23000 + number) for number, name in enumerate(PORTS)},
    "COMPOSE_PROJECT_NAME": "lakebox-bench",
}
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def run(*command: str, **more: str) -> str:
    """Standard output of a command, which must end well."""
    done = subprocess.run(command, cwd=REPOSITORY, env=ENVIRONMENT | more, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def seconds(*command: str, **more: str) -> float:
    """Wall time of a command."""
    start = time.monotonic()
    run(*command, **more)
    return time.monotonic() - start


def memory_gb() -> float:
    """Memory of the project's containers, as `docker stats` counts it."""
    project = "label=com.docker.compose.project=lakebox-bench"
    containers = run("docker", "ps", "--quiet", "--filter", project).split()
    if not containers:
        return 0.0
    listed = run("docker", "stats", "--no-stream", "--format", "{{.MemUsage}}", *containers)
    total = 0.0
    for line in listed.splitlines():
        text = line.split("/")[0].strip()
        unit = text.lstrip("0123456789.")
        total += float(text[: len(text) - len(unit)] or 0) * UNITS.get(unit, 1)
    return total / 2**30


def peak_during(*command: str, **more: str) -> tuple[float, float]:
    """Seconds of a command, and the stack's peak memory meanwhile."""
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, memory_gb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    duration = seconds(*command, **more)
    done.set()
    watcher.join()
    return duration, peak


def overhead() -> str:
    """The medians of a query by Athena's API, from the request to when its result lies in S3, and by Trino alone, to
    its last row; they take turns. The client asks each 100 ms for the end: what it finds late does not count.
    """
    exported = run(sys.executable, "-m", "lakebox", "env", LAKEBOX_TARGET="compose")
    keys = dict(line.removeprefix("export ").split("=", 1) for line in exported.splitlines() if "=" in line)
    athena: Any = boto3.client(
        "athena",
        endpoint_url=f"http://127.0.0.1:{ENVIRONMENT['LAKEBOX_API_PORT']}",
        region_name="us-east-1",
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )

    def by_athena() -> float:
        start = time.time()
        query_id = athena.start_query_execution(QueryString=QUERY)["QueryExecutionId"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        assert status["State"] == "SUCCEEDED"
        return float(status["CompletionDateTime"].timestamp()) - start

    def by_trino() -> float:
        start = time.time()
        trino.run(QUERY)
        return time.time() - start

    trino = TrinoClient(f"http://127.0.0.1:{ENVIRONMENT['LAKEBOX_TRINO_PORT']}", "bench")
    took = [(by_athena() * 1000, by_trino() * 1000) for _ in range(QUERIES)]
    api, alone = (median(values) for values in zip(*took, strict=True))
    return f"a query by Athena's API: {api:.0f} ms, by Trino alone: {alone:.0f} ms at the median"


def images() -> None:
    """A table of the images: size, and the memory limit of each service that runs on it."""
    services = json.loads(run("docker", "compose", "--profile", "command", "config", "--format", "json"))["services"]
    users: dict[str, list[str]] = {}
    for name, service in services.items():
        limit = int(service["mem_limit"]) / 2**20
        users.setdefault(service["image"], []).append(f"`{name}` {limit:,.0f} MB")
    print("| image | size | memory limits |\n|---|---|---|")
    for image, limits in sorted(users.items()):
        size = int(run("docker", "image", "inspect", image, "--format", "{{.Size}}")) / 1e6
        print(f"| `{image}` | {size:,.0f} MB | {', '.join(limits)} |")


def main() -> None:
    """Measure, and leave nothing behind but images."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--build", action="store_true", help="build the images, too")
    how.add_argument(
        "--build-from-nothing", action="store_true", help="empty this machine's build cache and build them"
    )
    arguments = parser.parse_args()
    if arguments.build_from_nothing:
        run("docker", "builder", "prune", "--all", "--force")
    if arguments.build or arguments.build_from_nothing:
        built = seconds("docker", "compose", "--profile", "command", "build", "--no-cache")
        print(f"images built{' from nothing' if arguments.build_from_nothing else ''}: {built:.0f} s")
    lakebox = (sys.executable, "-m", "lakebox", "run", "--training_date", "2025-06-18")
    try:
        ready = seconds("docker", "compose", "up", "--detach", "--wait")
        print(f"from built images to ready: {ready:.0f} s")
        time.sleep(30)
        print(f"memory at rest: {memory_gb():.2f} GB")
        duration, peak = peak_during(*lakebox, LAKEBOX_TARGET="compose")
        print(f"lakebox run on sample_data, on the cluster: {duration:.0f} s, peak memory {peak:.2f} GB")
        print(overhead())
    finally:
        run("docker", "compose", "down", "--volumes")
    images()


if __name__ == "__main__":
    main()
