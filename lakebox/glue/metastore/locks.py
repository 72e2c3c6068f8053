"""The metastore's methods for locks, which Iceberg's Hive catalog takes on a table while it commits.

Locks live in this process's memory: the server is the only way to them, and a client that was cut off takes its lock
anew. All are exclusive, for nobody asks for others.
"""

import itertools
import threading
import time
from dataclasses import dataclass
from typing import Any

from hive_metastore.ttypes import LockResponse, LockState, NoSuchLockException

EXPIRY_S = 300.0  # as Hive has it: a client that holds a lock says every now and then that it lives


@dataclass
class _Lock:
    names: frozenset[str]
    touched: float


class Locks:
    """Each public method is one of the thrift interface, under its name there."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._numbers = itertools.count(1)
        self._locks: dict[int, _Lock] = {}  # in the order in which they were asked for

    def lock(self, request: Any) -> Any:
        """Ask for a lock on some tables: acquired, or waiting until `check_lock` says otherwise."""
        names = frozenset(f"{one.dbname}.{one.tablename or '*'}".lower() for one in request.component)
        with self._mutex:
            number = next(self._numbers)
            self._locks[number] = _Lock(names, time.monotonic())
            return self._state(number)

    def check_lock(self, request: Any) -> Any:
        """Whether a lock that was asked for is acquired by now."""
        with self._mutex:
            self._touch(request.lockid)
            return self._state(request.lockid)

    def heartbeat(self, request: Any) -> None:
        """Keep a lock from expiring."""
        with self._mutex:
            self._touch(request.lockid)

    def unlock(self, request: Any) -> None:
        """Give a lock back, or cease to wait for it."""
        with self._mutex:
            self._touch(request.lockid)
            del self._locks[request.lockid]

    def _touch(self, number: int) -> None:
        if number not in self._locks:
            raise NoSuchLockException(message=f"No such lock {number}: it was given back, or expired")
        self._locks[number].touched = time.monotonic()

    def _state(self, number: int) -> Any:
        """A lock is acquired when no older one has a table in common with it."""
        oldest = time.monotonic() - EXPIRY_S
        self._locks = {one: lock for one, lock in self._locks.items() if lock.touched > oldest}
        wanted = self._locks[number].names
        waits = any(lock.names & wanted for one, lock in self._locks.items() if one < number)
        return LockResponse(lockid=number, state=LockState.WAITING if waits else LockState.ACQUIRED)
