"""Starts the process of a run on the embedded target, keeps its output, and ends it with all that it has started."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LAUNCH = Path(__file__).parent / "launch.py"
KEPT_OUTPUT = 32 << 20
CUT = b"\n[lakebox keeps 32 MB of a run's output; the rest is left out]\n"


@dataclass
class RunProcess:
    """A running script. `folder` holds launch.json, output.log and, where it failed, error.txt."""

    process: subprocess.Popen[bytes]
    folder: Path
    pump: threading.Thread

    def wait(self, seconds: float) -> int | None:
        """The exit status; None where it is still at work after so many seconds."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.end()
        return status

    def end(self) -> None:
        """End the process and all that it has started, and wait until its output is kept."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.pump.join(10)  # a process that has left the group may still hold the pipe

    def error(self) -> str | None:
        """Why the script failed, as it was noted; None where nothing was."""
        path = self.folder / "error.txt"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else None


def start_process(folder: Path, environment: dict[str, str]) -> RunProcess:
    """Start the run whose folder this is, in a process group of its own."""
    command = [sys.executable, "-P", str(LAUNCH), str(folder)]  # -P: nothing of ours is on the script's path
    process = subprocess.Popen(  # noqa: S603 our own module; the script is a stranger's, and runs as the user
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 it is a pipe
    pump = threading.Thread(target=_keep, args=(process.stdout, folder / "output.log"), daemon=True)
    pump.start()
    return RunProcess(process, folder, pump)


def _keep(output: IO[bytes], path: Path) -> None:
    """Write a run's output to its file, up to a limit, for as long as there is some."""
    left = KEPT_OUTPUT
    with path.open("wb", buffering=0) as log:
        while content := output.read1(1 << 16):  # type: ignore[attr-defined]
            if left > 0:
                log.write(content[:left] + (CUT if len(content) >= left else b""))
                left -= len(content)
    output.close()


def follow(path: Path, is_over: "threading.Event", out: IO[bytes]) -> None:
    """Copy a growing file to a stream until the run is over and all of it is copied."""
    while not path.exists() and not is_over.is_set():
        time.sleep(0.02)
    if not path.exists():
        return
    with path.open("rb") as log:
        while True:
            was_over = is_over.is_set()
            shutil.copyfileobj(log, out)
            out.flush()
            if was_over:
                return
            is_over.wait(0.05)
