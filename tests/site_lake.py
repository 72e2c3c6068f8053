"""A lake for tests of the site: two increments of hostile events, a workflow that ran, and a table badly named."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from flows import Flows
from job_sandbox import open_sandbox
from lakes import TestLake, engine_over
from pyspark.sql import SparkSession

from lakebox.athena.engine import Engine
from lakebox.settings import Settings, read_settings
from lakebox.site.build import build_site

SCRIPT = "<script>document.title = 'mine'</script>"
RIGHT_TO_LEFT = "\u202egnihton\u05d0\u05d1"
QUOTES = "\"'><img src=x onerror=alert(1)>"
LONG = "n" * 10_000
BAD_TABLE = "<b>bold\"'"
DAY = "2025-06-18"


@dataclass(frozen=True)
class SiteLake:
    """The lake, its settings and its engine, and the folder of the site that was made of it."""

    events: TestLake
    settings: Settings
    engine: Engine
    folder: Path

    def page(self, name: str) -> str:
        """A page's text."""
        return (self.folder / f"{name}.html").read_text(encoding="utf-8")

    def deliver(self, name: str, *changes: dict[str, object]) -> None:
        """One more increment, and the catalog brought in line."""
        self.events.write(name, changes)
        self.events.run(training_date=DAY)
        engine_over(self.events.lake)


def click(user_id: str, second: int, **more: object) -> dict[str, object]:
    """A click at noon of the day before."""
    return {"user_id": user_id, "event_type": "click", "timestamp": f"2025-06-17T12:00:{second:02}Z", **more}


def site_lake(spark: SparkSession, folder: Path) -> SiteLake:
    """The lake with its site, made in a folder."""
    events = TestLake(folder, spark)
    settings = read_settings(lake=str(events.folder), target="embedded")
    events.write("first.jsonl", [click("u1", 1, page="/home"), click("u2", 2, page="/old"), click("u3", 3)])
    events.run(training_date="2025-06-17")
    events.write(
        "second.jsonl",
        [
            click("u2", 2, op="U", page="/new", updated_at="2025-06-18T09:00:00Z"),
            click("u3", 3, op="D", updated_at="2025-06-18T09:00:00Z"),
            click(SCRIPT, 4, timestamp="2025-06-18T20:00:00Z", page=SCRIPT, device=QUOTES),
            click(RIGHT_TO_LEFT, 5, timestamp="2025-06-18T21:00:00Z", page=LONG),
            *(click(f"many{number:02}", 20, timestamp=f"2025-06-18T12:00:{number:02}Z") for number in range(30)),
            {"event_type": SCRIPT, "timestamp": "2025-06-18T10:00:00Z"},
        ],
    )
    events.run(training_date=DAY)
    engine = engine_over(events.lake)
    with contextlib.contextmanager(open_sandbox)(events.folder) as sandbox:
        flows = Flows(sandbox)
        flows.jobs("count")
        sandbox.define("fail", "raise SystemExit('/data/of/mine/x.json is not there')\n")
        sandbox.glue.create_workflow(Name="nightly")
        flows.starts("start", "count", WorkflowName="nightly")
        flows.follows("then", ["count"], "fail", WorkflowName="nightly")
        flows.run("nightly")
        storage = {"Columns": [{"Name": "x", "Type": "string"}], "Location": "s3://ai-lakehouse-project/bad/"}
        table = {"Name": BAD_TABLE, "Description": SCRIPT, "StorageDescriptor": storage}
        sandbox.glue.create_table(DatabaseName="ai_lakehouse_db", TableInput=table)
    build_site(settings, folder / "site")
    return SiteLake(events, settings, engine, folder / "site")
