"""The warm processes of this endpoint: one works for one run at a time, and is kept a while for the next."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IDLE_S = 15.0
COMMAND = (sys.executable, "-P", "-m", "lakebox.glue.jobs.warm.process")


@dataclass(frozen=True)
class WarmStart:
    """How a warm process starts.

    glue: the arguments of its boto3 client; errors: takes what goes wrong at its start
    master: Spark's cluster, which PySpark itself starts a driver for; empty where Spark is in local mode
    """

    environment: Mapping[str, str]
    glue: Mapping[str, str]
    errors: Path
    master: str = ""


class WarmProcess:
    """A process that runs jobs of ours, one after the other."""

    def __init__(self, start: WarmStart) -> None:
        start.errors.parent.mkdir(parents=True, exist_ok=True)
        with start.errors.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 our own module
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(start.environment),
                start_new_session=True,
                bufsize=0,
            )
        assert self._process.stdin is not None  # noqa: S101 it is a pipe
        assert self._process.stdout is not None  # noqa: S101 it is a pipe
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._say(json.dumps([start.glue, start.master]))
        self._is_awaited = False  # by another thread, which closes the pipes when it has seen the end

    def ask(self, folder: Path) -> None:
        """Ask for a run. Raises OSError where the process is gone."""
        self._say(str(folder))

    def answer(self, seconds: float) -> tuple[int, str] | None:
        """The run's exit status, and why it failed; None where it is at work. A process that is gone has ended it."""
        self._is_awaited = True
        try:
            if not select.select([self._stdout], [], [], seconds)[0]:
                return None
            said = self._stdout.readline()
        finally:
            self._is_awaited = False
        if said.endswith(b"\n"):
            status, why = json.loads(said)
            return status, why
        status = self._process.wait()
        self._close()
        return status or 1, ""

    def lives(self) -> bool:
        """Whether it can be asked for a run."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if not self._is_awaited:
            self._close()

    def retire(self) -> None:
        """Let it end by itself; it has no run."""
        self._close()
        self._process.wait()

    def _say(self, line: str) -> None:
        self._stdin.write(f"{line}\n".encode())

    def _close(self) -> None:
        self._stdin.close()
        self._stdout.close()


class WarmRun:
    """A run in a warm process, which goes back to the pool at its good end; a failed run leaves no process behind."""

    def __init__(self, pool: "WarmPool", process: WarmProcess) -> None:
        self._pool, self._process = pool, process
        self._status: int | None = None
        self._why = ""
        self._lock = threading.Lock()  # who has lost an answer asks again

    def wait(self, seconds: float) -> int | None:
        """The exit status; None where it is still at work after so many seconds."""
        with self._lock:
            answer = self._process.answer(seconds) if self._status is None else None
            if answer is not None:
                self._status, self._why = answer
                if self._status == 0:
                    self._pool.put_back(self._process)
            return self._status

    def end(self) -> None:
        """End the run, and the process with it; nothing happens where it has ended well."""
        if self._status != 0:
            self._process.kill()

    def error(self) -> str | None:
        """Why the script failed; None where nothing was noted."""
        return self._why or None


class WarmPool:
    """Warm processes by need."""

    def __init__(self) -> None:
        self._idle: dict[WarmProcess, threading.Timer] = {}
        self._lock = threading.Lock()

    def start(self, folder: Path, how: WarmStart) -> WarmRun:
        """Start the run whose folder this is. Raises OSError where it can't be."""
        process = self._taken() or WarmProcess(how)
        process.ask(folder)
        return WarmRun(self, process)

    def warm_up(self, how: WarmStart) -> None:
        """Start a process before it is needed."""
        self.put_back(WarmProcess(how))

    def put_back(self, process: WarmProcess) -> None:
        """Keep a process for the next run, for a while."""
        timer = threading.Timer(IDLE_S, self._retire, [process])
        timer.daemon = True
        with self._lock:
            self._idle[process] = timer
        timer.start()

    def close(self) -> None:
        """End the processes that have no run."""
        while (process := self._taken()) is not None:
            process.retire()

    def _taken(self) -> WarmProcess | None:
        """A process that waits, which is the caller's from now on; None where there is none."""
        with self._lock:
            for process in list(self._idle):
                self._idle.pop(process).cancel()
                if process.lives():
                    return process
        return None

    def _retire(self, process: WarmProcess) -> None:
        with self._lock:
            if self._idle.pop(process, None) is None:  # it was taken at that moment
                return
        process.retire()
