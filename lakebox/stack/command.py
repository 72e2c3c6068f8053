"""The command on the host, where the stack's network and secrets are not: the service `lakebox` runs the verb there.

Folders and files that a flag names are mounted read-only at their own paths, so that messages name what the user knows.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from jobs.lake.store import StorageError
from lakebox.settings import REPOSITORY, Settings, has_own_s3

IN_IMAGE = "/lakebox"
SERVICES = frozenset({"metastore", "postgres", "spark-master", "spark-worker", "trino"})


def is_on_host(settings: Settings) -> bool:
    """Whether the verb has to run in the stack, and this process is not there."""
    return settings.stack is not None and not settings.stack.inside


def run_in_stack(verb: str, arguments: Sequence[str], paths: Sequence[str] = ()) -> int:
    """Run a verb of lakebox in the stack, attached to this terminal; returns its exit status.

    paths: what the arguments name on this machine. Raises StackError where there is no stack to run it.
    """
    from lakebox.stack.compose import StackError, compose_attached, running_services

    missing = needed_services() - running_services()
    if missing:
        raise StackError(f"the stack does not run (missing: {', '.join(sorted(missing))}); lakebox up starts it")
    mounts = [word for path in paths for word in ("--volume", f"{path}:{path}:ro")]
    terminal = [] if sys.stdin.isatty() and sys.stdout.isatty() else ["--no-TTY"]
    return compose_attached("run", "--rm", "--no-deps", *terminal, *mounts, "lakebox", verb, *arguments)


def needed_services() -> frozenset[str]:
    """Services that a verb needs: MinIO where no other S3 is set."""
    return SERVICES if has_own_s3() else SERVICES | {"minio"}


def in_stack(path: str) -> tuple[str, list[str]]:
    """A path of this machine as the stack sees it, and what must be mounted for it (nothing for an s3:// URI).

    Raises StorageError where there is nothing at the path, or where it can't be mounted: `docker compose run` knows no
    other way than --volume, which takes a colon for the end of the path.
    """
    if "://" in path and not path.startswith("file://"):
        return path, []
    found = Path(path.removeprefix("file://")).expanduser().resolve()
    if not found.exists():
        raise StorageError(f"{path}: no such file or folder; check the path")
    if found.is_relative_to(REPOSITORY / "sample_data"):
        return f"{IN_IMAGE}/{found.relative_to(REPOSITORY).as_posix()}", []
    if ":" in str(found):
        raise StorageError(f"{found}: Docker can't mount a path with a colon; rename it, or copy it to another folder")
    return str(found), [str(found)]
