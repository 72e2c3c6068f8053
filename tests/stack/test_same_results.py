"""The same rows everywhere: what the stack makes equals the embedded lake, read by Trino, by Spark and by DuckDB."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from histories import BATCHES, collected, spread
from lakes import TestLake, engine_over
from pyspark.sql import SparkSession
from stack.compared_rows import COMPARED, Rows, canonical, rows_of
from stack.running_stack import LAKE, REPOSITORY, Stack

from catalog.tables import TABLES
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(1800)]

DATA = Path(__file__).parents[3] / "shared" / "data"
READ_TABLES = Path(__file__).with_name("read_tables.py")
SHOPPING = """
key = ["user_id", "item_id", "event_type", "event_timestamp"]
[fields]
event_type = "behavior"
timestamp = "ts"
[values.event_type]
pv = "click"
buy = "purchase"
"""


@dataclass(frozen=True)
class Case:
    """A flow to run on both: raw folders, one run each, the last with the day of the snapshot."""

    raw: tuple[Path, ...]
    training_date: str
    mapping: Path | None = None


@pytest.fixture(
    scope="module", params=["histories and sample data", pytest.param("shopping events", marks=pytest.mark.long)]
)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("raw")
    folder.chmod(0o755)  # the stack's user reads it, too
    if request.param == "histories and sample data":
        return Case(tuple(deliveries(folder, 150)), "2025-06-18")
    if not DATA.is_dir():
        pytest.skip("the real data is not beside the repository")
    mapping = folder / "mapping.toml"
    mapping.write_text(SHOPPING)
    return Case((DATA / "taobao_user_behavior",), "2017-12-03", mapping)


def deliveries(folder: Path, count: int) -> Iterator[Path]:
    """Generated histories, a user each, and the sample data with its broken lines, in two deliveries."""
    found = collected(count)
    halves = (range(BATCHES // 2), range(BATCHES // 2, BATCHES))
    for batches, day in zip(halves, ("2025-06-17", "2025-06-18"), strict=True):
        raw = folder / str(batches[0])
        shutil.copytree(REPOSITORY / "sample_data" / day, raw)
        lines = [
            json.dumps({"user_id": f"u{number}", **change}) + "\n"
            for number, (history, seed) in enumerate(found)
            for batch in batches
            for change in spread(history, seed)[batch]
        ]
        (raw / "events.jsonl").write_text("".join(lines), encoding="utf-8")
        yield raw


@pytest.fixture(scope="module")
def embedded(case: Case, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    lake = TestLake(tmp_path_factory.mktemp("embedded"), spark, str(case.mapping) if case.mapping else None)
    for raw in case.raw:
        lake.run(training_date=case.training_date, raw=raw)
    return rows_of(engine_over(lake.lake))


@pytest.fixture(scope="module")
def on_stack(case: Case, stack: Stack) -> Iterator[Stack]:
    """The stack, with the case's flow run on it from the host."""
    stack.start_over()
    for raw in case.raw:
        mapping = ("--mapping", str(case.mapping)) if case.mapping else ()
        stack.lakebox("run", "--raw", str(raw), "--training_date", case.training_date, *mapping)
    yield stack
    stack.start_over()


def test_trino_reads_the_same_rows(case: Case, embedded: Rows, on_stack: Stack) -> None:
    assert rows_of(on_stack.engine()) == embedded
    with_rows = {name for name in COMPARED if name != "bronze_quarantine" or case.mapping is None}
    assert {name for name, rows in embedded.items() if rows} == with_rows


def test_duckdb_reads_the_same_rows(embedded: Rows, on_stack: Stack, tmp_path: Path) -> None:
    s3 = on_stack.s3("jobs")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=LAKE):
        for item in page.get("Contents", []):
            if not item["Key"].endswith("/"):
                target = tmp_path / LAKE / item["Key"]
                target.parent.mkdir(parents=True, exist_ok=True)
                s3.download_file(LAKE, item["Key"], str(target))
    lake = Lake(open_store(str(tmp_path / LAKE)))
    assert rows_of(engine_over(lake)) == embedded


def test_spark_reads_the_same_rows(embedded: Rows, on_stack: Stack) -> None:
    queries = [f"{name}=SELECT {', '.join(map(spark_text, columns(name)))}" for name in COMPARED]
    run = ("run", "--rm", "--no-deps", "--no-TTY", "--volume", f"{READ_TABLES}:/tmp/read_tables.py:ro")
    script = ("--entrypoint", "spark-submit", "lakebox", "/tmp/read_tables.py")
    printed = on_stack.compose(*run, *script, *queries).stdout
    answers = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert {answer["table"]: canonical(answer["rows"]) for answer in answers} == embedded


def columns(name: str) -> list[tuple[str, str]]:
    types = {column.name: column.type for column in (*TABLES[name].columns, *TABLES[name].partitions)}
    return [(column, types[column]) for column in COMPARED[name]]


def spark_text(column: tuple[str, str]) -> str:
    """A column as Spark's SQL text, timestamps as `canonical` writes them."""
    name, kind = column
    return f"date_format({name}, \"yyyy-MM-dd'T'HH:mm:ss.SSSSSS\") AS {name}" if kind == "timestamp" else name


def test_the_jobs_are_byte_for_byte_those_of_the_repository(stack: Stack) -> None:
    listed = "find jobs catalog -name '*.py' -o -name '*.dqdl' | sort | xargs sha256sum"
    here = subprocess.run(["bash", "-c", listed], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert stack.compose("exec", "--no-TTY", "spark-worker", "bash", "-c", listed).stdout == here.stdout
