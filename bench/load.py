"""Load on the endpoint (`lakebox serve`): job and workflow runs, schedules, queries, catalog calls, partitions.

python bench/load.py    prints a line a load: what was asked, what came of it, and the endpoint's memory after it.
Ends with 1 where anything was lost.
"""

import hashlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import boto3

from lakebox.endpoint.keys import keys_of

RUNS = 20
NODES, TRIGGERS = 30, 50
CLIENTS, CALLS_A_SECOND, SECONDS = 8, 200, 10
QUERIES = 200
PARTITIONS = 10_000
OBJECT_BYTES = 2 << 30
ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "CANCELLED")


def main() -> None:
    """Put all loads on one endpoint, one after the other."""
    with tempfile.TemporaryDirectory(prefix="lakebox-load-") as folder, serving(Path(folder)) as (process, clients):
        lost = 0
        for load in (runs, workflows, schedules, queries, queries, calls, partitions, large_object):
            said, failures = load(Path(folder), clients)
            lost += failures
            print(f"{said}; endpoint at {memory_mb(process.pid)} MB")
    sys.exit(1 if lost else 0)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """`lakebox serve` on a free port, and what makes boto3 clients for it."""
    command = [sys.executable, "-m", "lakebox", "serve", "--lake", str(folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split(" ")[3].rstrip(";")
    keys = keys_of(folder / ".lakebox")

    def client(service: str) -> Any:
        return boto3.session.Session().client(
            service,
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
        )

    try:
        yield process, client
    finally:
        process.terminate()
        process.wait()


def runs(folder: Path, client: Any) -> tuple[str, int]:
    """Python shell runs, all started at once; each must end well."""
    (folder / "scripts").mkdir()
    (folder / "scripts" / "hello.py").write_text("print('hello')\n")
    glue = client("glue")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/hello.py"}
    glue.create_job(Name="hello", Role="r", Command=command, ExecutionProperty={"MaxConcurrentRuns": RUNS})
    start = time.monotonic()
    ids = [glue.start_job_run(JobName="hello")["JobRunId"] for _ in range(RUNS)]
    states: dict[str, str] = {}
    while len(states) < RUNS:
        for run_id in ids:
            state = glue.get_job_run(JobName="hello", RunId=run_id)["JobRun"]["JobRunState"]
            if state in ENDED:
                states[run_id] = state
        time.sleep(0.05)
    good = list(states.values()).count("SUCCEEDED")
    return f"{RUNS} runs at once: {good} SUCCEEDED in {time.monotonic() - start:.1f} s", RUNS - good


def workflows(_: Path, client: Any) -> tuple[str, int]:
    """Runs of one workflow, all started at once: a job, then ten times two jobs side by side and one after both."""
    glue = client("glue")
    glue.create_workflow(Name="flow")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/hello.py"}
    names = [f"node-{number}" for number in range(NODES)]
    for name in names:
        glue.create_job(Name=name, Role="r", Command=command, ExecutionProperty={"MaxConcurrentRuns": RUNS})
    glue.create_trigger(Name="begin", Type="ON_DEMAND", WorkflowName="flow", Actions=[{"JobName": names[0]}])
    follow(glue, names)
    start = time.monotonic()
    ids = [glue.start_workflow_run(Name="flow")["RunId"] for _ in range(RUNS)]
    done: list[dict[str, Any]] = []
    while len(done) < RUNS:
        time.sleep(0.5)
        seen = [glue.get_workflow_run(Name="flow", RunId=run_id)["Run"] for run_id in ids]
        done = [run for run in seen if run["Status"] != "RUNNING"]
    good = sum(run["Statistics"]["SucceededActions"] for run in done)
    took = time.monotonic() - start
    return f"{RUNS} workflow runs at once: {good} of {RUNS * NODES} jobs SUCCEEDED in {took:.1f} s", RUNS * NODES - good


def follow(glue: Any, names: list[str]) -> None:
    """Triggers by which each third job follows the two before it, and the two after it follow it."""
    for number in range(1, NODES):
        watched = [names[number - 1], names[number - 2]] if number % 3 == 0 else [names[number // 3 * 3]]
        conditions = [{"LogicalOperator": "EQUALS", "JobName": name, "State": "SUCCEEDED"} for name in watched]
        glue.create_trigger(
            Name=f"to-{names[number]}",
            Type="CONDITIONAL",
            WorkflowName="flow",
            StartOnCreation=True,
            Predicate={"Logical": "AND", "Conditions": conditions},
            Actions=[{"JobName": names[number]}],
        )


def schedules(_: Path, client: Any) -> tuple[str, int]:
    """Triggers that are all due in the same minute; each must start its job once."""
    glue = client("glue")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/hello.py"}
    due = (datetime.now(UTC) + timedelta(minutes=1, seconds=30)).replace(second=0, microsecond=0)
    names = [f"due-{number}" for number in range(TRIGGERS)]
    for name in names:
        glue.create_job(Name=name, Role="r", Command=command)
        glue.create_trigger(
            Name=name,
            Type="SCHEDULED",
            Schedule=f"cron({due.minute} {due.hour} {due.day} {due.month} ? {due.year})",
            Actions=[{"JobName": name}],
            StartOnCreation=True,
        )
    time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()) + 30)
    found = [glue.get_job_runs(JobName=name)["JobRuns"] for name in names]
    once = sum(len(job_runs) == 1 for job_runs in found)
    last = max(((run["StartedOn"] - due).total_seconds() for job_runs in found for run in job_runs), default=0.0)
    return f"{TRIGGERS} triggers due in one minute: {once} fired once, the last {last:.1f} s after", TRIGGERS - once


def queries(_: Path, client: Any) -> tuple[str, int]:
    """Queries by several clients, each of which starts all of its own at once; each must give its own row."""
    start = time.monotonic()
    took_ms: list[int] = []

    def work(number: int) -> int:
        athena = client("athena")
        mine = range(number, QUERIES, CLIENTS)
        ids = [athena.start_query_execution(QueryString=f"SELECT {one} AS n")["QueryExecutionId"] for one in mine]
        good = 0
        for one, query_id in zip(mine, ids, strict=True):
            while (state := athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"])["Status"][
                "State"
            ] not in ENDED:
                time.sleep(0.05)
            took_ms.append(state["Statistics"]["EngineExecutionTimeInMillis"])
            if state["Status"]["State"] == "SUCCEEDED":
                rows = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
                good += rows[1:] == [{"Data": [{"VarCharValue": str(one)}]}]
        return good

    with ThreadPoolExecutor(CLIENTS) as pool:
        good = sum(pool.map(work, range(CLIENTS)))
    said = f"{QUERIES} queries by {CLIENTS} clients: {good} right in {time.monotonic() - start:.1f} s"
    return f"{said}, at work {median(took_ms):.0f} ms at the median", QUERIES - good


def calls(_: Path, client: Any) -> tuple[str, int]:
    """GetTable by several clients at a fixed pace."""
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "load"})
    columns = [{"Name": f"c{number}", "Type": "string"} for number in range(20)]
    glue.create_table(DatabaseName="load", TableInput={"Name": "t", "StorageDescriptor": {"Columns": columns}})
    times: list[float] = []
    failed: list[str] = []
    pace = CLIENTS / CALLS_A_SECOND
    begin = time.monotonic() + 1

    def work(number: int) -> None:
        mine = client("glue")
        for turn in range(CALLS_A_SECOND * SECONDS // CLIENTS):
            threading.Event().wait(max(0.0, begin + (turn + number / CLIENTS) * pace - time.monotonic()))
            start = time.perf_counter()
            try:
                mine.get_table(DatabaseName="load", Name="t")
            except Exception as error:
                failed.append(str(error))
            times.append(time.perf_counter() - start)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, range(CLIENTS)))
    took = time.monotonic() - begin
    said = f"{len(times)} catalog calls by {CLIENTS} clients in {took:.1f} s: {len(failed)} lost"
    return f"{said}, median {median(times) * 1000:.1f} ms, 99 % in {quantiles(times, n=100)[98] * 1000:.0f} ms", len(
        failed
    )


def partitions(_: Path, client: Any) -> tuple[str, int]:
    """Partitions of one table, made in batches of 100, and found by an expression."""
    glue = client("glue")
    keys = [{"Name": "day", "Type": "int"}, {"Name": "kind", "Type": "string"}]
    storage = {"Columns": [{"Name": "a", "Type": "string"}], "Location": "s3://load/t/"}
    table = {"Name": "many", "PartitionKeys": keys, "StorageDescriptor": storage}
    glue.create_table(DatabaseName="load", TableInput=table)
    start = time.monotonic()
    for batch in range(PARTITIONS // 100):
        wanted = [{"Values": [str(batch), str(number)], "StorageDescriptor": storage} for number in range(100)]
        glue.batch_create_partition(DatabaseName="load", TableName="many", PartitionInputList=wanted)
    made_s, start = time.monotonic() - start, time.monotonic()
    pages = glue.get_paginator("get_partitions")
    found = sum(len(page["Partitions"]) for page in pages.paginate(DatabaseName="load", TableName="many"))
    all_s, start = time.monotonic() - start, time.monotonic()
    one_day = {"DatabaseName": "load", "TableName": "many", "Expression": "day = 42"}
    some = sum(len(page["Partitions"]) for page in pages.paginate(**one_day))
    said = f"{PARTITIONS} partitions: made in {made_s:.1f} s, {found} listed in {all_s:.1f} s"
    return f"{said}, {some} of one day found in {time.monotonic() - start:.2f} s", PARTITIONS - found + 100 - some


def large_object(folder: Path, client: Any) -> tuple[str, int]:
    """An object of 2 GB up in parts and down again, the same bytes."""
    s3 = client("s3")
    s3.create_bucket(Bucket="large")
    source, copy = folder / "source.bin", folder / "copy.bin"
    block = hashlib.shake_256(b"lakebox").digest(1 << 20)
    with source.open("wb") as file:
        for number in range(OBJECT_BYTES >> 20):
            file.write(number.to_bytes(8, "big") + block[8:])
    start = time.monotonic()
    s3.upload_file(str(source), "large", "object")
    up_s, start = time.monotonic() - start, time.monotonic()
    s3.download_file("large", "object", str(copy))
    down_s = time.monotonic() - start
    with source.open("rb") as left, copy.open("rb") as right:
        same = hashlib.file_digest(left, "sha256").digest() == hashlib.file_digest(right, "sha256").digest()
    return (
        f"an object of 2 GB: up in {up_s:.0f} s, down in {down_s:.0f} s, {'the same' if same else 'NOT the same'}",
        not same,
    )


def memory_mb(process: int) -> int:
    """Resident memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) // 1024


if __name__ == "__main__":
    main()
