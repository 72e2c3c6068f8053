"""What a check knows of the job that runs a script."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    """A job's arguments (names with two dashes), and whether it is a Python shell job."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    is_shell: bool = False

    def listed(self, name: str) -> list[str]:
        """The entries of an argument that is a list, in lower case and without their folders."""
        parts = self.arguments.get(name, "").split(",")
        return [part.strip().rsplit("/", 1)[-1].lower().replace("-", "_") for part in parts if part.strip()]
