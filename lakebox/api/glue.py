"""Glue as one service over a catalog, a state and a host of job runs: what both targets' endpoints answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from lakebox.endpoint.service import Operation
from lakebox.glue.crawlers.crawl import Surroundings
from lakebox.glue.crawlers.crawls import Crawls
from lakebox.glue.data_catalog.documents import Documents
from lakebox.glue.data_quality.operations import data_quality_operations
from lakebox.glue.jobs.definitions import job_operations
from lakebox.glue.jobs.host import Host
from lakebox.glue.jobs.runs import Runs
from lakebox.glue.workflows.operations import Workflows


class Glue:
    """All of Glue's resources.

    around: the catalog, and the buckets that crawlers read; owners: a folder in which processes that share the state
    show that they live
    """

    def __init__(self, documents: Documents, around: Surroundings, host: Host, owners: Path) -> None:
        self._documents, self._catalog, self._host = documents, around.catalog, host
        self.runs = Runs(documents, host, owners)
        self._crawls = Crawls(documents, around, owners)
        self._workflows = Workflows(documents, self.runs, self._crawls)
        self._crawls.on_end = self._workflows.crawl_ended
        self.troubles: list[
            Exception
        ] = []  # ends of runs and crawls that could not be put on record, as on a full disk
        self.runs.on_trouble = self._crawls.on_trouble = self.troubles.append

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            **self._catalog,
            **job_operations(self._documents, self._host),
            **self.runs.operations(),
            **self._crawls.operations(),
            **self._workflows.operations(),
            **data_quality_operations(self._documents, self.runs, self._catalog),
        }

    @contextmanager
    def at_work(self, *, lasting: bool) -> Iterator[None]:
        """Look after runs and crawls for as long as the context lasts; then end those of this process.

        lasting: also go on with workflow runs of endpoints that have ended, and fire schedules. An endpoint of one
        command leaves these alone, as they would end with it.
        """
        try:
            with self._workflows.at_work([self._crawls]) if lasting else nullcontext():
                yield
        finally:
            self._crawls.close()
            self.runs.close()
