"""`lakebox status`: what runs, what the lake holds, and how the last run went. Cheap: no query, no Spark."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from catalog.tables import TABLES
from catalog.tables import Table as CatalogTable
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_records import records
from lakebox.glue.run_records import last_run
from lakebox.settings import Settings
from lakebox.spark.without_pandas import look_without_pandas
from lakebox.stack.command import is_on_host, run_in_stack


def print_status(console: Console, settings: Settings) -> None:
    """Print the state of the target and its lake; raises StackError and StorageError."""
    if is_on_host(settings):
        _print_stack(console)
    elif settings.stack is None and "://" not in settings.lake_uri and not Path(settings.lake_uri).exists():
        console.print(f"There is no lake at {escape(settings.lake_uri)} yet: lakebox run makes one.", soft_wrap=True)
    else:
        print_lake(console, settings.lake_uri)
    if settings.stack is None:
        _say_that_the_stack_runs(console)


def _print_stack(console: Console) -> None:
    """The services, and the lake as the stack sees it where the stack is well."""
    from lakebox.stack.screen import print_addresses
    from lakebox.stack.state import services

    found = services()
    if not found:
        console.print("The stack is down: lakebox up starts it.")
        return
    print_addresses(console, found)
    if all(service.state in ("ready", "done") for service in found):
        run_in_stack("status", [])
    elif any(service.state == "failed" for service in found):
        console.print("The stack is not well: lakebox up mends what it can, lakebox doctor looks for a cause.")
    else:
        console.print("The stack is not ready: lakebox up starts what is missing, and waits.")


def _say_that_the_stack_runs(console: Console) -> None:
    from lakebox.stack.screen import services_if_any

    if any(service.state == "ready" for service in services_if_any()):
        console.print("The stack runs, too: LAKEBOX_TARGET=compose lakebox status shows it and its lake.")


def print_lake(console: Console, lake_uri: str) -> None:
    """What a lake holds, its gate, and its last run."""
    look_without_pandas()
    lake = Lake(open_store(lake_uri, must_exist=True))
    tables = [table for table in TABLES.values() if lake.is_registered(table)]
    console.print(f"The lake at {escape(lake_uri)}", soft_wrap=True)
    if not tables:
        console.print("It holds no table yet: lakebox run fills it.")
    else:
        _print_tables(console, lake, tables)
    _print_runs(console, lake)


def _print_tables(console: Console, lake: Lake, tables: list[CatalogTable]) -> None:
    shown = Table()
    for name in ("table", "partitions", "files", "bytes"):
        shown.add_column(name, justify="left" if name == "table" else "right")
    for table in tables:
        stored = lake.store.list(table.location)
        size = sum(one.size for one in stored)
        shown.add_row(table.name, f"{len(lake.partitions(table)):,}", f"{len(stored):,}", f"{size:,}")
    console.print(shown)
    gate, bronze = lake.gate(), lake.bronze()
    console.print(f"Quality gate: {'passed' if gate.get('passed') else 'failed' if gate else 'not run yet'}")
    console.print(f"Increments in Bronze: {bronze.last_batch}; newest event: {bronze.watermark or 'none'}")


def _print_runs(console: Console, lake: Lake) -> None:
    """The jobs of the last run that has ended, and those that are at work, or were killed at it."""
    for row in last_run(lake):
        rows = "" if row["rows_in"] is None else f", {row['rows_in']:,} rows in, {row['rows_out'] or 0:,} out"
        why = f" ({escape(row['message'])})" if row["message"] else ""
        console.print(f"Run {row['run_id']}: {row['job_name']} {row['status']}{rows}{why}", soft_wrap=True)
    for record in records(lake):
        if record.status == "RUNNING":
            console.print(f"Run {record.run_id}: {record.job_name} at work, or killed; begun {record.started_at}")
