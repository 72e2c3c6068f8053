"""Picks one of the stack's two drivers for a run: the lake's own jobs go to `lake-driver`, which has its keys."""

from itertools import pairwise

from lakebox.glue.jobs.host import Host, Running
from lakebox.glue.jobs.place import Script
from lakebox.glue.jobs.warm.own_jobs import Read, own_script


class StackHost:
    """A Host over two others.

    A job is the lake's own where its script and packages are lakebox's, byte for byte, and its lake is the stack's.
    What its role, its name or its definition says proves nothing: anybody may define jobs.
    """

    def __init__(self, users: Host, own: Host, lake_uri: str, read: Read) -> None:
        self._users, self._own, self._lake_uri, self._read = users, own, lake_uri, read
        self._prepared: dict[str, Host] = {}

    def prepare(self, run_id: str, script: Script) -> None:
        """Fetch all that a run needs, where it will run."""
        host = self._own if self._is_own(script) else self._users
        host.prepare(run_id, script)
        self._prepared[run_id] = host

    def start(self, run_id: str, job_name: str) -> Running:
        """Start a prepared run."""
        return self._prepared.pop(run_id).start(run_id, job_name)

    def bookmark(self, job_name: str) -> str | None:
        """A job's bookmark; the lake's own jobs keep none."""
        return self._users.bookmark(job_name)

    def forget_bookmark(self, job_name: str) -> None:
        """Delete a job's bookmark."""
        self._users.forget_bookmark(job_name)

    def _is_own(self, script: Script) -> bool:
        lakes = [value.rstrip("/") for name, value in pairwise(script.argv) if name == "--lake_uri"]
        return lakes == [self._lake_uri] and own_script(script, self._read) is not None
