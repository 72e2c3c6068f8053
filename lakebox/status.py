"""`lakebox status`: what runs, what the lake holds, and how the last run went. Cheap: no query, no Spark."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jobs.lake import Lake
from jobs.storage import open_store
from lakebox.catalogs import EmbeddedCatalog
from lakebox.run_records import last_run
from lakebox.settings import Settings
from lakebox.stack_command import is_on_host, run_in_stack


def print_status(console: Console, settings: Settings) -> None:
    """Print the state of the target and its lake; raises StackError and StorageError."""
    if is_on_host(settings):
        from lakebox.stack_screen import print_addresses
        from lakebox.stack_state import services

        found = services()
        if not found:
            console.print("The stack is down. lakebox up starts it.")
            return
        print_addresses(console, found)
        if all(service.state in ("ready", "done") for service in found):
            run_in_stack("status", [])
        return
    print_lake(console, settings.lake_uri)


def print_lake(console: Console, lake_uri: str) -> None:
    """What a lake holds, its gate, and its last run."""
    lake = Lake(open_store(lake_uri, must_exist=True))
    tables = EmbeddedCatalog(lake)
    console.print(f"The lake at {escape(lake_uri)}", soft_wrap=True)
    shown = Table()
    for name in ("table", "partitions", "files", "bytes"):
        shown.add_column(name, justify="left" if name == "table" else "right")
    for name in tables.table_names():
        registered = tables.table(name)
        stored = lake.store.list(registered.definition.location)
        size = sum(one.size for one in stored)
        shown.add_row(name, f"{len(registered.partitions):,}", f"{len(stored):,}", f"{size:,}")
    console.print(shown)
    gate = lake.gate()
    console.print(f"Quality gate: {'passed' if gate.get('passed') else 'failed' if gate else 'not run yet'}")
    console.print(f"Bronze: {lake.bronze().last_batch} batches, newest event {lake.bronze().watermark or '-'}")
    for row in last_run(lake):
        rows = f"{row['rows_in']} rows in, {row['rows_out']} out"
        why = f" ({escape(row['message'])})" if row["message"] else ""
        console.print(f"Run {row['run_id']}: {row['job_name']} {row['status']}, {rows}{why}", soft_wrap=True)
