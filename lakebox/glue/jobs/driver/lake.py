"""The stack's service `lake-driver`: runs the lake's own jobs in warm processes, as drivers of the cluster.

Its processes have the keys that write the lake. So it runs this installation's four jobs, as they are mounted, whatever
the run names, and none of the run's files.
"""

from collections.abc import Mapping
from pathlib import Path

from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.host import Running
from lakebox.glue.jobs.launch import Launch
from lakebox.glue.jobs.place import Script
from lakebox.glue.jobs.warm.own_jobs import path_of_hop
from lakebox.glue.jobs.warm.pool import WarmPool, WarmStart


class LakeHost:
    """A Host of four jobs. glue: the arguments of the processes' boto3 client; master: Spark's cluster."""

    def __init__(self, state: Path, environment: Mapping[str, str], glue: Mapping[str, str], master: str) -> None:
        self._state, self._pool = state, WarmPool()
        self._how = WarmStart(environment, glue, state / "warm.log", master)

    def prepare(self, run_id: str, script: Script) -> None:
        """Make the folder of a run. Raises ServiceError where it is not one of the four jobs."""
        path = path_of_hop(script.uri)
        if path is None:
            raise ServiceError("InvalidInputException", f"{script.uri} is none of the lake's own jobs")
        folder = self._folder(run_id)
        folder.mkdir(parents=True)
        Launch(str(path), script.argv, None, [], is_warm=True).write(folder)

    def start(self, run_id: str, job_name: str) -> Running:  # noqa: ARG002 as a Host
        """Start a prepared run."""
        return self._pool.start(self._folder(run_id), self._how)

    def bookmark(self, job_name: str) -> str | None:  # noqa: ARG002 as a Host
        """None: these jobs keep no bookmarks."""
        return None

    def forget_bookmark(self, job_name: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """End the processes that wait for runs."""
        self._pool.close()

    def _folder(self, run_id: str) -> Path:
        return self._state / "runs" / run_id
