"""Gold is made beside the gate: staged by Spark while this process looks through Silver, so that neither waits.

Nobody sees it before the gate has passed: it lies among the staged files, and only silver_to_gold, which the workflow
does not reach with a failed gate, commits it. Where it can't be made, silver_to_gold makes it and says what is wrong.
A run that holds the lake job by job makes none ahead: what is staged is cleared whenever the lake is taken.
"""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from jobs.arguments import Settings
from jobs.lake.frames import SparkSource
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.store import StorageError
from jobs.silver_to_gold import Snapshot, plan_snapshot


class GoldAhead:
    """The snapshot of one run, made ahead. `snapshot`: None where there is none."""

    def __init__(self, spark: SparkSource) -> None:
        self._spark = spark
        self.snapshot: Snapshot | None = None

    @contextlib.contextmanager
    def beside(self, settings: Settings) -> Iterator[None]:
        """Make it while the body runs. At the end it is made, or it has failed; where the body failed it is gone.

        It is planned first: that takes many calls into the JVM, each of which would wait for the body's Python.
        """
        self.snapshot = None
        lake = Lake(open_store(settings.lake_uri))
        make = self._planned(lake, settings)
        with ThreadPoolExecutor(max_workers=1) as pool:
            making = pool.submit(_unless_it_fails, make)
            try:
                yield
            except BaseException:
                made = making.result()
                with contextlib.suppress(StorageError):  # the next run clears what is staged
                    if made is not None and made.staged.keys:
                        lake.store.delete_all(made.staged.prefix)
                raise
            self.snapshot = making.result()

    def _planned(self, lake: Lake, settings: Settings) -> Callable[[], Snapshot | None]:
        with contextlib.suppress(Exception):
            if lake.is_held(settings.run_id) and not lake.has_snapshot(settings.training_date.isoformat()):
                return plan_snapshot(lake, settings, self._spark)
        return lambda: None


def _unless_it_fails(make: Callable[[], Snapshot | None]) -> Snapshot | None:
    with contextlib.suppress(Exception):
        return make()
    return None
