"""Tells whether the process that looks after a run still lives: each holds a lock that the kernel frees at its end."""

import fcntl
import os
import uuid
from pathlib import Path


class Owner:
    """This process, as the owner of runs, under a name that no other process ever has."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = uuid.uuid4().hex
        self._folder = folder
        self._descriptor = os.open(folder / self.name, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def lives(self, name: str) -> bool:
        """Whether the owner of that name is still at work; what a dead one has left is cleared."""
        path = self._folder / name
        if not name or not path.exists():
            return False
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Give up the name."""
        (self._folder / self.name).unlink(missing_ok=True)
        os.close(self._descriptor)
