"""Measure lakebox: `make bench`, or python bench/run.py [--events 1000000] [--rounds 1].

Each figure is the wall time of a whole process, Spark's start included, and the peak memory of that process and all
its children. The versions take turns, so that a noisy machine is as noisy for each; compare figures of one run.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import boto3
import duckdb
from generate import FIRST_DAY, write_days, write_one_more, write_year

from lakebox.endpoint.keys import keys_of

HERE = Path(__file__).resolve().parent
LAKEBOX = [sys.executable, "-m", "lakebox"]
BARE_SPARK = (
    "from pyspark.sql import SparkSession as S; print(S.builder.master('local[*]').getOrCreate().range(10).count())"
)
PLAIN_JOB = """
import sys
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ["JOB_NAME"])
spark = GlueContext(SparkContext.getOrCreate()).spark_session
people = spark.read.option("header", True).csv("s3://people/")
people.filter("age >= 18").write.mode("overwrite").parquet("s3://people-out/adults/")
"""
DAYS = 30
COMPARED = (
    "pk, user_id, event_type, event_timestamp, updated_at, page, device, source, amount, attributes, feature_hash"
)
GOLD = "user_id, click_count, purchase_count, event_count, last_event_type, days_since_last_event"


def memory_mb(pid: int) -> float:
    """Resident memory of a process and all below it."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True)
    children: dict[int, list[int]] = defaultdict(list)
    resident: dict[int, int] = {}
    for line in listed.stdout.splitlines():
        number, parent, kilobytes = map(int, line.split())
        children[parent].append(number)
        resident[number] = kilobytes
    found, total = [pid], 0
    while found:
        number = found.pop()
        total += resident.get(number, 0)
        found += children[number]
    return total / 1024


def measured(*command: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a command, which must end well.

    What two looks in a row have seen counts: a JVM that starts a process is there twice for a moment, in one memory.
    """
    peak = before = 0.0
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def watch() -> None:
        nonlocal peak, before
        while process.poll() is None:
            now = memory_mb(process.pid)
            peak, before = max(peak, min(before, now)), now
            time.sleep(0.1 if time.monotonic() - start < 1 else 0.3)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    duration = time.monotonic() - start
    watcher.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{errors[-2000:]}")
    return duration, peak


def run(raw: Path, lake: Path, day: str) -> tuple[float, float]:
    """`lakebox run`, measured."""
    return measured(*LAKEBOX, "run", "--raw", str(raw), "--lake", str(lake), "--training_date", day)


def small(folder: Path, rounds: int) -> None:
    """What a user feels first: the sample data, a run with nothing new, a query; beside them what bare PySpark takes.

    The bare process starts PySpark as its own package does (spark-submit's scripts) and counts ten rows.
    """
    sample = HERE.parent / "sample_data"
    figures: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number in range(rounds):
        lake = folder / f"small-{number}"
        query = [*LAKEBOX, "sql", "SELECT count(*) FROM silver_user_events", "--lake", str(lake)]
        figures["bare PySpark, counts ten rows"].append(measured(sys.executable, "-c", BARE_SPARK))
        figures["lakebox run on sample_data, cold"].append(run(sample, lake, "2025-06-18"))
        figures["lakebox run, nothing new"].append(run(sample, lake, "2025-06-18"))
        figures["lakebox sql, from the shell"].append(measured(*query))
        figures["lakebox job run, a small CSV"].append(job_run(folder / f"jobs-{number}"))
        figures["lakebox serve, until it answers"].append(first_answer(folder / f"jobs-{number}"))
        figures["lakebox demo"].append(measured(*LAKEBOX, "demo", "--lake", str(folder / f"demo-{number}")))
    report_all(figures, "bare PySpark, counts ten rows")


def job_run(lake: Path) -> tuple[float, float]:
    """A plain Glue script on a small CSV, measured."""
    for bucket in ("people", "people-out"):
        (lake / bucket).mkdir(parents=True)
    (lake / "people" / "people.csv").write_text("name,age\nAnn,41\nBob,17\n")
    (lake / "script.py").write_text(PLAIN_JOB)
    return measured(*LAKEBOX, "job", "run", str(lake / "script.py"), "--lake", str(lake))


def first_answer(lake: Path) -> tuple[float, float]:
    """`lakebox serve` from its start to the answer to a signed request, and the median of 200 calls, printed."""
    start = time.monotonic()
    process = subprocess.Popen(
        [*LAKEBOX, "serve", "--lake", str(lake), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        url = process.stdout.readline().split(" ")[3].rstrip(";")  # type: ignore[union-attr]
        keys = keys_of(lake / ".lakebox")
        names = {"aws_access_key_id": keys.access_key, "aws_secret_access_key": keys.secret_key}
        glue = boto3.client("glue", endpoint_url=url, region_name="us-east-1", **names)
        glue.get_databases()
        took, calls = time.monotonic() - start, []
        for _ in range(200):
            began = time.monotonic()
            glue.get_databases()
            calls.append(time.monotonic() - began)
        print(f"  a catalog call: {1000 * statistics.median(calls):.1f} ms at the median", flush=True)
        return took, memory_mb(process.pid)
    finally:
        process.terminate()
        process.wait()


def many_partitions(folder: Path) -> None:
    """A year of ten event types: 20,000 events into some 3,600 partitions of Silver, one more event, a query."""
    raw, lake = folder / "year", folder / "partitions"
    write_year(raw)
    report("20,000 events, 3,600 partitions", *run(raw, lake, "2024-12-31"))
    write_one_more(raw)
    report("one more event", *run(raw, lake, "2024-12-31"))
    query = [*LAKEBOX, "sql", "SELECT count(*) FROM silver_user_events", "--lake", str(lake)]
    report("a query over all of them", *measured(*query))


def big(folder: Path, data: Path, events: int, rounds: int) -> None:
    """Many events of 30 days: all at once, and one more day after 29, against the plain versions.

    The plain version on that day alone, with nothing before it, says what a cold Spark costs that does the four steps.
    """
    raw, raw_29, raw_1 = data / f"{events}-{DAYS}", folder / "raw-29", folder / "raw-1"
    write_days(raw, events, DAYS)
    last = f"{FIRST_DAY + timedelta(days=DAYS - 1):%Y-%m-%d}"
    for path in raw.glob("*.jsonl"):
        target = raw_1 if path.stem == last else raw_29
        target.mkdir(exist_ok=True)
        shutil.copy2(path, target)
    figures: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number in range(rounds):
        ours, stepped, plain, duck = (folder / f"{name}-{number}" for name in ("ours", "stepped", "plain", "duck"))
        figures["lakebox, full load"].append(run(raw, ours, last))
        plain_script, duck_script = str(HERE / "plain_spark.py"), str(HERE / "plain_duckdb.py")
        figures["plain Spark, full load"].append(measured(sys.executable, plain_script, str(raw), str(plain), last))
        alone = (sys.executable, plain_script, str(raw_1), str(folder / f"alone-{number}"), last)
        figures["plain Spark, that day alone"].append(measured(*alone))
        run(raw_29, stepped, last)
        shutil.copy2(raw / f"{last}.jsonl", raw_29)
        figures["lakebox, one more day"].append(run(raw_29, stepped, last))
        (raw_29 / f"{last}.jsonl").unlink()
        figures["DuckDB, full load"].append(measured(sys.executable, duck_script, str(raw), str(duck), last))
        for lake in (ours, stepped):
            compare(lake, plain, duck)
    report_all(figures, "plain Spark, full load")


def compare(ours: Path, plain: Path, duck: Path) -> None:
    """End with an error where Silver or Gold of the versions differ."""
    bucket = ours / "ai-lakehouse-project"
    silver = f"read_parquet('{bucket}/silver/user_events/*/*/*.parquet', hive_partitioning = true)"
    gold = f"read_parquet('{bucket}/gold/user_features/*/*.parquet')"
    others = (
        (silver, f"read_parquet('{plain}/silver/*/*/*.parquet', hive_partitioning = true)", COMPARED),
        (silver, f"read_parquet('{duck}/silver/*/*/*.parquet', hive_partitioning = true)", COMPARED),
        (gold, f"read_parquet('{plain}/gold/*/*.parquet')", GOLD),
        (gold, f"read_parquet('{duck}/gold.parquet')", GOLD),
    )
    for left, right, columns in others:
        for one, two in ((left, right), (right, left)):
            query = f"SELECT count(*) FROM (SELECT {columns} FROM {one} EXCEPT ALL SELECT {columns} FROM {two})"
            differing = duckdb.sql(query).fetchall()[0][0]
            if differing:
                sys.exit(f"{differing} rows differ: {query}")


def report_all(figures: dict[str, list[tuple[float, float]]], base: str) -> None:
    """Medians of some rounds, and how they compare with one of the figures, round by round."""
    for name, rounds in sorted(figures.items()):
        ratios = [wall / other for (wall, _), (other, _) in zip(rounds, figures[base], strict=True)]
        median = statistics.median(wall for wall, _ in rounds)
        report(name, median, max(peak for _, peak in rounds), f"{statistics.median(ratios):5.2f} of {base}")


def report(name: str, seconds: float, megabytes: float, compared: str = "") -> None:
    """One line a figure."""
    print(f"  {name:<34} {seconds:6.2f} s   {megabytes:6.0f} MB   {compared}".rstrip(), flush=True)


def main() -> None:
    """Run the benchmarks in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where generated events are kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lakebox-bench-") as folder:
        print("start-up")
        small(Path(folder), given.rounds)
        print("many partitions")
        many_partitions(Path(folder))
        print(f"{given.events:,} events of {DAYS} days")
        big(Path(folder), given.data, given.events, given.rounds)


if __name__ == "__main__":
    main()
