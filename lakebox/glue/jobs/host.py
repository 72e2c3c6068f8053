"""Where job runs are prepared and started, as the endpoint sees it: this machine, or the stack's service `driver`."""

from typing import Protocol

from lakebox.glue.jobs.launch import launch_of
from lakebox.glue.jobs.place import Place, Script
from lakebox.glue.jobs.processes import start_process
from lakebox.glue.jobs.warm.pool import WarmPool, WarmStart


class Running(Protocol):
    """A run at work."""

    def wait(self, seconds: float) -> int | None:
        """The exit status; None where it is still at work after so many seconds. Raises OSError where it is lost."""

    def end(self) -> None:
        """End it with all that it has started; nothing happens where it has ended."""

    def error(self) -> str | None:
        """Why the script failed; None where nothing was noted."""


class Host(Protocol):
    """Prepares and starts runs, and keeps what jobs' reads have seen (bookmarks)."""

    def prepare(self, run_id: str, script: Script) -> None:
        """Fetch all that a run needs. Raises ServiceError where something is missing, OSError where that can't be."""

    def start(self, run_id: str, job_name: str) -> Running:
        """Start a prepared run. Raises OSError where it can't be."""

    def bookmark(self, job_name: str) -> str | None:
        """A job's bookmark as JSON; None where there is none."""

    def forget_bookmark(self, job_name: str) -> None:
        """The job's next run reads everything again."""


class LocalHost:
    """Runs as processes of this machine."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._warm, self._outer_s3 = WarmPool(), False

    def prepare(self, run_id: str, script: Script) -> None:
        """Fetch all that a run needs."""
        self._place.prepare(run_id, script)

    def start(self, run_id: str, job_name: str) -> Running:
        """Start a prepared run in a process group of its own; one of ours in a warm process, where one waits."""
        folder = self._place.state / "runs" / run_id
        if launch_of(folder).is_warm:
            return self._warm.start(folder, self._warm_start())
        return start_process(folder, self._place.environment(folder, job_name))

    def warm_up(self, *, outer_s3: bool) -> None:
        """Start a process for our own jobs before it is needed.

        outer_s3: whether s3:// is that of the user's own AWS variables, not the sandbox's
        """
        self._outer_s3 = outer_s3
        self._warm.warm_up(self._warm_start())

    def close(self) -> None:
        """End the processes that wait for runs."""
        self._warm.close()

    def _warm_start(self) -> WarmStart:
        glue = {
            "endpoint_url": self._place.endpoint_url,
            "region_name": "us-east-1",
            "aws_access_key_id": self._place.keys.access_key,
            "aws_secret_access_key": self._place.keys.secret_key,
        }
        environment = self._place.environment_of_ours(outer_s3=self._outer_s3)
        return WarmStart(environment, glue, self._place.state / "warm.log")

    def bookmark(self, job_name: str) -> str | None:
        """A job's bookmark."""
        path = self._place.bookmark(job_name)
        return path.read_text(encoding="utf-8") if path.exists() else None

    def forget_bookmark(self, job_name: str) -> None:
        """Delete a job's bookmark."""
        self._place.bookmark(job_name).unlink(missing_ok=True)
