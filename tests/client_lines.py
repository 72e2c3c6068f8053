"""The lines of docs/clients.md, run as they stand by AWS's clients in an environment of their own."""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lakebox.settings import whole_environment

REPOSITORY = Path(__file__).parents[1]
LOCK = REPOSITORY / "requirements-clients.lock"
FOLDER = REPOSITORY / "build" / "clients-venv"
PAGE = (REPOSITORY / "docs" / "clients.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Each client in three lines")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^### (.+?)$|^```(\w+)\n(.*?)```", SECTION, re.MULTILINE | re.DOTALL)
NO_REGISTRY = re.compile(r"connection|resolve|timed out|no matching distribution", re.IGNORECASE)
DRIVER = """
import json, sys, traceback, warnings
import boto3
warnings.simplefilter("ignore")
names = {"boto3": boto3}
failed = {}
for client, lines in json.load(sys.stdin):
    try:
        exec(lines, names)
    except BaseException:
        failed[client] = traceback.format_exc()
print(json.dumps(failed))
"""
CHECKS = {
    "boto3": """
import time
while state in ("QUEUED", "RUNNING"):
    time.sleep(0.05)
    execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    state = execution["Status"]["State"]
assert state == "SUCCEEDED"
""",
    "awswrangler": """
assert df["event_type"].tolist() == plain["event_type"].tolist() == ["click", "click"]
assert list(tables["Table"]) == ["silver_user_events"]
""",
    "awswrangler writes a table": """
assert unloaded.equals(df)
assert wr.catalog.get_table_types(database="ai_lakehouse_db", table="copy") == {"event_type": "string"}
""",
    "awswrangler writes Iceberg": """
wr.athena.to_iceberg(df, database="ai_lakehouse_db", table="iceberg_copy", **place)
count = "SELECT count(*) AS n FROM iceberg_copy"
assert wr.athena.read_sql_query(count, database="ai_lakehouse_db", ctas_approach=False)["n"].tolist() == [4]
""",
    "PyAthena": "assert rows == [('click', 2)]",
    "PyAthena with pandas": "assert df['one'].tolist() == [1]",
    "SQLAlchemy": "assert 'silver_user_events' in tables",
}
SUPERSET = """
from sqlalchemy import create_engine, inspect, text
engine = create_engine({uri!r})
seen = inspect(engine)
assert "ai_lakehouse_db" in seen.get_schema_names()
assert "silver_user_events" in seen.get_table_names("ai_lakehouse_db")
assert seen.get_view_names("ai_lakehouse_db") == []
assert [column["name"] for column in seen.get_columns("silver_user_events", "ai_lakehouse_db")] == ["event_type"]
chart = '''SELECT event_type AS event_type, COUNT(*) AS "count"
FROM (SELECT * FROM silver_user_events) AS virtual_table
GROUP BY event_type ORDER BY "count" DESC LIMIT 1001'''
with engine.connect() as connection:
    assert connection.execute(text(chart)).fetchall() == [("click", 2)]
"""


@dataclass(frozen=True)
class Block:
    """A block of code of the page, below the heading of its client."""

    client: str
    language: str
    lines: str


def blocks() -> list[Block]:
    """All blocks of the section, in the page's order."""
    found, client = [], ""
    for heading, language, lines in BLOCKS:
        client = heading or client
        if language:
            found.append(Block(client, language, lines))
    return found


def clients_bin() -> Path:
    """The folder of the clients' commands; they are installed where the lock is new. Skips without a package index."""
    wanted, stamp = hashlib.sha256(LOCK.read_bytes()).hexdigest(), FOLDER / "lock.sha256"
    FOLDER.parent.mkdir(exist_ok=True)
    with FOLDER.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return FOLDER / "bin"
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--no-compile", "--retries", "1", "--timeout", "30", "--require-hashes", "-r", str(LOCK)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode and NO_REGISTRY.search(done.stderr):
            pytest.skip(f"the clients can't be installed: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
        stamp.write_text(wanted)
    return FOLDER / "bin"


def environment_of(keys: dict[str, str], home: Path) -> dict[str, str]:
    """Variables of a user's shell: those of `lakebox env`, and a home with a profile `lakebox` of the same keys."""
    (home / ".aws").mkdir(parents=True)
    profile = [
        "[lakebox]",
        *(f"{name.lower()} = {keys[name]}" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
    ]
    (home / ".aws" / "credentials").write_text("\n".join(profile) + "\n")
    path = f"{clients_bin()}:{whole_environment()['PATH']}"
    return {"PATH": path, "HOME": str(home), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"} | keys


def failures_of(scripts: list[tuple[str, str]], environment: dict[str, str]) -> dict[str, str]:
    """The tracebacks of what failed of the clients' lines, run one after the other in one process of Python."""
    done = subprocess.run(
        [str(clients_bin() / "python"), "-c", DRIVER],
        input=json.dumps(scripts), env=environment, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    failed: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return failed


def shell(lines: str, environment: dict[str, str], folder: Path) -> str:
    """What a shell prints that runs lines of the page; every one of them must end well."""
    done = subprocess.run(
        ["bash", "-ec", lines],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dbt_project(folder: Path, profile: str) -> Path:
    """A copy of the project with the page's profile."""
    project = folder / "project"
    shutil.copytree(REPOSITORY / "tests" / "lakebox" / "athena" / "dbt_project", project)
    (project / "profiles.yml").write_text(profile)
    return project


def block(client: str, language: str) -> str:
    """The one block of a client in a language."""
    (found,) = [one.lines for one in blocks() if (one.client, one.language) == (client, language)]
    return found


def define_events(glue: Any, location: str) -> None:
    """The table that the lines read: Parquet files with one column."""
    storage = {
        "Columns": [{"Name": "event_type", "Type": "string"}],
        "Location": location,
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }
    table = {"Name": "silver_user_events", "StorageDescriptor": storage, "TableType": "EXTERNAL_TABLE"}
    glue.create_table(DatabaseName="ai_lakehouse_db", TableInput=table)


def python_failures(environment: dict[str, str]) -> dict[str, str]:
    """The tracebacks of the clients in Python that failed, Superset's connection among them."""
    scripts = [(one.client, f"{one.lines}\n{CHECKS[one.client]}") for one in blocks() if one.language == "python"]
    return failures_of([*scripts, ("Superset", SUPERSET.format(uri=block("Superset", "uri").strip()))], environment)


def dbt_builds(environment: dict[str, str], folder: Path) -> None:
    """Build the project twice by the page's lines, with the endpoint's own address; assert what dbt says."""
    own = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    lines = block("dbt", "sh").replace("http://127.0.0.1:4566", environment["AWS_ENDPOINT_URL"])
    said = shell(lines, own, dbt_project(folder, block("dbt", "yaml")))
    assert re.findall(r"PASS=(\d+) WARN=(\d+) ERROR=(\d+) SKIP=(\d+)", said) == [("17", "0", "0", "0")] * 2
    assert re.findall(r"order_log .*?OK (\d+)", re.sub(r"\x1b\[\d+m", "", said)) == ["4", "0"]
