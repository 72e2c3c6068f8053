"""What pages are made from: the lake's SQL engine, its APIs' clients, and what more than one page asks of them."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.tables import DATABASE, TABLES
from lakebox.athena.engine import Engine, QueryResult, SqlError
from lakebox.deploy.api import Clients
from lakebox.settings import Settings, lake_bucket
from lakebox.site.definitions import Definitions, read_definitions
from lakebox.site.inventory import BucketListing, TableFact, bucket_and_key, catalog_tables, listed_bucket
from lakebox.site.run_history import RECORDED, RunFact, run_history

REPORT_JSON = "reports/dq_report.json"


@dataclass(frozen=True)
class Source:
    """One lake, at one moment; what is asked for twice is read once.

    made_at: when the site is made (UTC); every page says so
    """

    settings: Settings
    engine: Engine
    clients: Clients
    made_at: datetime

    @functools.cached_property
    def bucket(self) -> str:
        """The lake's bucket."""
        return lake_bucket()

    @property
    def name(self) -> str:
        """The lake as the pages call it: its bucket, and the name of its folder, without the way there."""
        if not self.settings.folder:
            return f"s3://{self.bucket} on the stack"
        return f"s3://{self.bucket} in {Path(self.settings.folder).absolute().name}/"

    @functools.cached_property
    def definitions(self) -> Definitions:
        """What the template says the lakehouse is."""
        return read_definitions(self.bucket)

    @functools.cached_property
    def tables(self) -> list[TableFact]:
        """All tables of the Glue catalog, those of the lakehouse first, in the order of the flow."""
        ours = list(TABLES)
        found = catalog_tables(self.clients("glue"))
        return sorted(found, key=lambda table: (table.database != DATABASE, *_place(table.name, ours)))

    @functools.cached_property
    def runs(self) -> list[RunFact]:
        """All runs, the newest first."""
        return run_history(self.clients("glue"), self.rows(RECORDED, "pipeline_runs"), self.definitions)

    @functools.cached_property
    def row_counts(self) -> dict[str, int]:
        """Rows of the lakehouse's tables, by name; those that can't be counted are left out."""
        names = [table.name for table in self.tables if table.database == DATABASE]
        if not names:
            return {}
        try:
            counts = self.query("SELECT " + ", ".join(f"(SELECT count(*) FROM {quoted(name)})" for name in names))
            return dict(zip(names, counts.rows[0], strict=True))
        except SqlError:  # one of them is of a form that the engine does not read
            return {name: count for name in names if (count := self._count(name)) is not None}

    def _count(self, name: str) -> int | None:
        try:
            return int(self.query(f"SELECT count(*) FROM {quoted(name)}").rows[0][0])
        except SqlError:
            return None

    @functools.cached_property
    def report(self) -> dict[str, Any]:
        """The quality gate's report; empty where it has not run."""
        s3 = self.clients("s3")
        if not self.objects_of(self.bucket).below(REPORT_JSON):
            return {}
        content = s3.get_object(Bucket=self.bucket, Key=REPORT_JSON)["Body"].read()
        report: dict[str, Any] = json.loads(content)
        return report

    @functools.cached_property
    def _listings(self) -> dict[str, BucketListing]:
        return {}

    def objects_of(self, bucket: str) -> BucketListing:
        """The objects of a bucket."""
        if bucket not in self._listings:
            self._listings[bucket] = listed_bucket(self.clients("s3"), bucket)
        return self._listings[bucket]

    def size_of(self, location: str) -> tuple[int, int]:
        """Files and bytes below s3://bucket/prefix."""
        bucket, prefix = bucket_and_key(location)
        found = self.objects_of(bucket).below(prefix.rstrip("/") + "/" if prefix else "")
        return len(found), sum(each.size for each in found)

    def query(self, sql: str) -> QueryResult:
        """Rows of a query in Athena's SQL; raises SqlError."""
        return self.engine.query(sql)

    def has(self, *tables: str) -> bool:
        """Whether the lakehouse's database has these tables."""
        return set(tables) <= {table.name for table in self.tables if table.database == DATABASE}

    def rows(self, sql: str, *tables: str) -> list[tuple[Any, ...]]:
        """Rows of a query over tables; none where one of them is not there yet. Raises SqlError."""
        return self.query(sql).rows if self.has(*tables) else []


@dataclass(frozen=True)
class Page:
    """A page of the site: `<name>.html`, from the template of the same name.

    title: in the navigation and as heading; lead: the sentence below it
    content: gives the variables of the template
    """

    name: str
    title: str
    lead: str
    content: Callable[[Source], Mapping[str, Any]]


def _place(name: str, order: list[str]) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def now() -> datetime:
    """The clock of a site."""
    return datetime.now(UTC)
