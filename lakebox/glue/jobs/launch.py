"""The process of one job run: starts Spark's JVM with the run's settings, then runs the user's script as __main__.

python -P launch.py FOLDER, where FOLDER/launch.json says what to run (`Launch`). Why a script failed
goes to FOLDER/error.txt. The process ends, with all that it started, when its parent does: a pipe from it is stdin.
"""

import contextlib
import json
import os
import runpy
import signal
import sys
import threading
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

OURS = ("catalog", "jobs", "lakebox")


@dataclass(frozen=True)
class Launch:
    """What a run's process needs to know. Paths are local; `java` is None where the script has no Spark.

    is_warm: whether a warm process runs it, which has its own way to Spark
    """

    script: str
    argv: list[str]
    java: str | None
    jvm_options: list[str]
    is_warm: bool = False

    def write(self, folder: Path) -> None:
        """Leave it in the run's folder."""
        (folder / "launch.json").write_text(json.dumps(asdict(self)), encoding="utf-8")


def launch_of(folder: Path) -> Launch:
    """What to run in a folder."""
    return Launch(**json.loads((folder / "launch.json").read_text(encoding="utf-8")))


def main() -> None:
    """Run the script of the folder that is named as the one argument; ends as Python itself would end it."""
    folder = Path(sys.argv[1])
    launch = launch_of(folder)
    _end_with_parent()
    jvm = _start_spark(launch) if launch.java else None
    _forget_our_modules()
    sys.path.insert(0, str(Path(launch.script).parent))
    status = 1
    try:
        status, why = run_script(launch)
        if why:
            (folder / "error.txt").write_text(why, encoding="utf-8", errors="replace")
    finally:
        _say_no_more()
        if jvm is not None:
            jvm.end()
        os._exit(status)  # threads that the script has left running must not keep the run alive


def run_script(launch: Launch) -> tuple[int, str]:
    """Run a script as __main__; the exit status that Python itself would end with, and why it failed, or nothing."""
    sys.argv = [launch.script, *launch.argv]
    status, why = 1, ""
    try:
        runpy.run_path(launch.script, run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if status:
            why = _reason(end, launch.script)
    except BaseException as error:
        error.__traceback__ = _of_script(error.__traceback__, launch.script)
        why = _reason(error, launch.script)
        with contextlib.suppress(OSError, ValueError):  # the script has closed its standard error
            traceback.print_exception(error)
    finally:
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
    return status, why


def _end_with_parent() -> None:
    """End this process group when the parent is gone; the script itself gets an empty standard input."""
    from_parent = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)

    def wait() -> None:
        os.read(from_parent, 1)  # nobody writes: it returns when the parent's end is closed
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _start_spark(launch: Launch) -> Any:
    """Start the JVM, and leave its address where PySpark looks for a gateway: every way to make a session finds it."""
    from lakebox.spark.jvm import start_jvm

    jvm = start_jvm(str(launch.java), launch.jvm_options, dict(os.environ))
    port, secret = jvm.gateway()
    os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"] = str(port), secret
    return jvm


def _forget_our_modules() -> None:
    """A script's own modules may be called `jobs` or `catalog`: it must not find ours in their place."""
    for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
        del sys.modules[name]


def _reason(error: BaseException, script: str) -> str:
    """The error as Glue's console shows it: the exception, and the line of the script that it came from."""
    said = "".join(traceback.format_exception_only(error)).strip().splitlines()
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    where = f"Failed Line Number: {lines[-1]}; " if lines else ""
    said = said[-1:] if isinstance(error, SyntaxError) else said[:1]  # of several lines the first says what is wrong
    return f"Error Category: UNCLASSIFIED_ERROR; {where}{said[0] if said else repr(error)}"


def _of_script(trace: TracebackType | None, script: str) -> TracebackType | None:
    """A traceback from the script's first frame on: who reads it did not write the frames above."""
    while trace is not None and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    return trace


def _say_no_more() -> None:
    """What Python's threads say of a JVM that is gone is no news to the user."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def _flush(stream: Any) -> None:
    with contextlib.suppress(OSError, ValueError):  # the script has closed it
        stream.flush()


if __name__ == "__main__":
    main()
