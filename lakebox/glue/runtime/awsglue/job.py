"""`Job`: where a script says that it begins and that its work is done; `commit` is what keeps bookmarks."""

from collections.abc import Mapping
from typing import Any

from .sources.bookmarks import bookmarks


class Job:
    """A job run. Scripts that never call `init` may still call `commit`, which then has nothing to keep."""

    def __init__(self, glue_context: Any) -> None:
        self.glue_context = glue_context
        self.name = ""
        self.args: dict[str, str] = {}

    def init(self, job_name: str = "", args: Mapping[str, str] | None = None) -> None:
        """Begin the run: bookmarks are read if `--job-bookmark-option` asks for them."""
        self.name, self.args = job_name, dict(args or {})
        bookmarks.begin()

    def commit(self) -> None:
        """End the run: what its reads have seen is kept for the next run."""
        bookmarks.commit()

    def isInitialized(self) -> bool:
        """Whether `init` was called."""
        return bool(self.name)
