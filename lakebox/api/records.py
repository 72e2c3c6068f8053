"""What the command line needs of a target to run scripts and show runs: the lake's state, or the stack's API."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Protocol

from lakebox.glue.data_catalog.documents import Document


class JobRuns(Protocol):
    """Runs scripts, and knows all runs."""

    def run(self, script: str, arguments: Mapping[str, str], kind: str, out: IO[bytes]) -> Document:
        """Run a script (a file or s3:// URI) to its end, its output going to `out`; the run as GetJobRun gives it.

        kind: glueetl or pythonshell. Raises LakeboxError where it can't be started.
        """

    def all(self) -> list[Document]:
        """All runs. Raises LakeboxError where there can be none."""

    def copy_log(self, run_id: str, out: IO[bytes]) -> None:
        """Write what a run has printed so far."""


def job_name(script: str) -> str:
    """The name of a job that is a script: the file's, without its ending."""
    return Path(script).stem
