"""Runs `lakebox demo`: two days of sample events in two increments, so that newcomers see changes at work."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from jobs.lake.errors import LakeboxError
from jobs.lake.layout import new_run_id
from jobs.lake.open_store import open_store
from jobs.lake.protocol import LOCK, Lake, LakeError
from lakebox.console import wide_console
from lakebox.progress import RunScreen
from lakebox.sample_data import file_of_others
from lakebox.settings import REPOSITORY, SAMPLE_DATA, read_settings
from lakebox.site.build import build_site, site_folder
from lakebox.steps import job_arguments
from lakebox.summary import print_layers, print_quarantine, print_query, print_report
from lakebox.targets import open_engine, open_flow

STATE = "_state"
MARK = f"{STATE}/demo"
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

    Raises LakeboxError where the folder holds a lake that the demo did not make, and LakeError where a run is at work.
    """
    embedded = read_settings(lake=lake, target="embedded")
    _start_over(embedded.lake_uri)
    console = wide_console()
    with open_flow(embedded) as flow:
        for day, raw, what in INCREMENTS:
            console.rule(f"[bold]lakebox run --raw {raw} --training_date {day}", align="left")
            console.print(what)
            settings = job_arguments(replace(embedded, raw_uri=str(REPOSITORY / raw)), datetime.now(UTC), day)
            with RunScreen() as screen:
                flow.run(settings, screen.progress)
            engine = open_engine(embedded)
            print_layers(console, settings, engine)
            print_quarantine(console, settings, engine)
    print_report(settings)
    console.rule("[bold]Three questions, in Athena's SQL", align="left")
    for name in QUERIES:
        print_query(console, engine, name)
    console.rule("[bold]Try next", align="left")
    console.print(NEXT.format(at=f" --lake {lake}" if lake != "lake" else ""), soft_wrap=True)
    first = build_site(embedded, site_folder(embedded))
    console.print(f"\nThe lake to look at, in a browser: {first.absolute().as_uri()}", soft_wrap=True, highlight=False)


def _start_over(lake: str) -> None:
    """Empty the demo's folder, but for the lock: while it is held no run is at work there."""
    folder = Path(lake)
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise LakeboxError(f"{lake} holds data that the demo did not make; name another folder with --lake")
    store = open_store(lake)
    if file_of_others(Lake(store), str(SAMPLE_DATA)) is not None:
        raise LakeboxError(f"{lake} holds events of your own beside the demo's; name another folder with --lake")
    lock = store.try_lock(LOCK, new_run_id(datetime.now(UTC)))
    if lock is None:
        raise LakeError(f"a run is at work on {lake}; wait for its end, then run the demo again")
    with lock:
        store.write(MARK, b"")  # so that a demo that ends here can start over, too
        for entry in folder.iterdir():
            if entry.is_symlink() or not entry.is_dir():
                store.delete([entry.name])
            elif entry.name != STATE:
                store.delete_all(f"{entry.name}/")
        store.delete(stored.key for stored in store.list(f"{STATE}/") if stored.key not in (LOCK, MARK))


NEXT = """  .venv/bin/lakebox sql{at} "SELECT * FROM silver_user_events WHERE user_id = 'u005'"
  .venv/bin/lakebox sql{at} "$(cat queries/quarantine_by_reason.sql)"
  .venv/bin/lakebox run{at} --raw sample_data      # nothing is new: no Spark starts
  .venv/bin/lakebox run --lake my-lake --raw DIR   # your own events; see README.md for field mappings"""
