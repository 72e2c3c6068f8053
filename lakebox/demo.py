"""The demo: two days of sample events, in two increments, so that changes to what is known are seen at work."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from catalog.errors import LakeboxError
from lakebox.engines import open_engine
from lakebox.screens import RunScreen, print_layers, print_quarantine, print_query, print_report, wide_console
from lakebox.settings import REPOSITORY, read_settings
from lakebox.workflow import job_settings, run_workflow

MARK = "_state/demo"
INCREMENTS = (
    ("2025-06-17", "sample_data/2025-06-17", "The first day: 60 events, one file of JSON Lines and one array."),
    (
        "2025-06-18",
        "sample_data",
        "The second day: new events, an update, deletes, late arrivals, re-delivered and broken lines.",
    ),
)
QUERIES = ("bronze_by_model_input_flag", "silver_by_event_type_and_date", "gold_user_features")


def run_demo(lake: str) -> None:
    """Run the flow from nothing into the folder `lake`, which the demo owns: it starts over each time.

    Raises LakeboxError where the folder holds a lake that the demo did not make.
    """
    folder = Path(lake)
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise LakeboxError(f"{lake} holds data that the demo did not make; name another folder with --lake")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / MARK).parent.mkdir(parents=True)
    (folder / MARK).touch()
    console = wide_console()
    screen = RunScreen()
    embedded = read_settings(lake=lake, target="embedded")
    runner = screen.runner(embedded)
    for day, raw, what in INCREMENTS:
        console.rule(f"[bold]lakebox run --raw {raw} --training_date {day}", align="left")
        console.print(what)
        settings = job_settings(replace(embedded, raw_uri=str(REPOSITORY / raw)), datetime.now(UTC), day)
        with screen:
            run_workflow(settings, runner, screen.progress)
        engine = open_engine(embedded)
        print_layers(console, settings, engine)
        print_quarantine(console, settings, engine)
    print_report(settings)
    console.rule("[bold]Three questions, in Athena's SQL", align="left")
    for name in QUERIES:
        print_query(console, engine, name)
    console.rule("[bold]Try next", align="left")
    console.print(NEXT.format(at=f" --lake {lake}" if lake != "lake" else ""), soft_wrap=True)


NEXT = """  .venv/bin/lakebox sql{at} "SELECT * FROM silver_user_events WHERE user_id = 'u005'"
  .venv/bin/lakebox sql{at} "$(cat queries/quarantine_by_reason.sql)"
  .venv/bin/lakebox run{at} --raw sample_data      # nothing is new: no Spark starts
  .venv/bin/lakebox run --lake my-lake --raw DIR   # your own events; see README.md for field mappings"""
