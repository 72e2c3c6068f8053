"""What the pages of a site are made from: the lake's SQL engine, its APIs' clients, and what more than one page asks."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakebox.athena.engine import Engine, QueryResult, SqlError
from lakebox.deploy.api import Clients
from lakebox.settings import Settings, lake_bucket
from lakebox.site.definitions import Definitions, read_definitions


@dataclass(frozen=True)
class Source:
    """One lake, at one moment.

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

    @functools.cached_property
    def definitions(self) -> Definitions:
        """What the template says the lakehouse is."""
        return read_definitions(self.bucket)

    @property
    def name(self) -> str:
        """The lake as the pages call it: its bucket, and the name of its folder, without the way there."""
        if not self.settings.folder:
            return f"s3://{self.bucket} on the stack"
        return f"s3://{self.bucket} in {Path(self.settings.folder).absolute().name}/"

    def query(self, sql: str) -> QueryResult:
        """Rows of a query in Athena's SQL; raises SqlError."""
        return self.engine.query(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query; none where a table of it is not there yet."""
        try:
            return self.engine.query(sql).rows
        except SqlError:
            return []


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


def now() -> datetime:
    """The clock of a site."""
    return datetime.now(UTC)
