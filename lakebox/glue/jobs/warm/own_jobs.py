"""Tells which job runs are of lakebox's own scripts, as this installation has them: these may share a warm process.

A stranger's scripts would meet what the one before has left in Python and in Spark. Ours leave nothing, and they are
known by their copies in the bucket of stacks, noted when catalog/lakehouse.yaml was deployed.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from lakebox.glue.data_catalog.documents import Documents
from lakebox.glue.jobs.arguments import Special
from lakebox.glue.jobs.place import Script
from lakebox.settings import REPOSITORY

KIND, NAME = "deployed lakehouse", "lakehouse"
SOURCES = ("catalog", "jobs", "queries")
ORDINARY = Special((), (), (), (), (), uses_iceberg=False, conf={}, uses_catalog=False)


class OwnJobs:
    """What was deployed of this installation's catalog/lakehouse.yaml, kept with the lake's state."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def are_current(self, bucket: str) -> bool:
        """Whether what is deployed, for a lake in that bucket, is what this installation's files say."""
        deployed = self._documents.get(KIND, NAME) or {}
        return deployed.get("Bucket") == bucket and deployed.get("Digest") == _digest()

    def note(self, bucket: str, uris: list[str]) -> None:
        """Note a deployment. uris: the copies of the scripts and of what they import."""
        self._documents.delete(KIND, NAME)
        self._documents.add(KIND, NAME, {"Bucket": bucket, "Digest": _digest(), "Scripts": uris})

    def path_of(self, script: Script) -> Path | None:
        """This installation's own file of a run's script; None where it is another's, or asks for more than ours."""
        asked = (script.uri, *script.special.py_files)
        if replace(script.special, py_files=()) != ORDINARY:
            return None
        deployed = self._documents.get(KIND, NAME) or {}
        is_ours = set(asked) <= set(deployed.get("Scripts", ()))
        return REPOSITORY / "jobs" / script.uri.rpartition("/")[2] if is_ours else None


def _digest() -> str:
    """Of the files that catalog/lakehouse.yaml deploys, and of itself."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in sorted((REPOSITORY / source).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(REPOSITORY)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
