"""Warm processes: runs share one while they end well; one that fails or is stopped takes its process with it."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakebox.glue.jobs.launch import Launch
from lakebox.glue.jobs.warm.pool import WarmPool, WarmRun, WarmStart
from lakebox.settings import REPOSITORY

pytestmark = pytest.mark.slow
PATIENCE_S = 300
SAYS_WHO = "import os, sys\nprint(os.getpid(), *sys.argv[1:])\n"


class Pool:
    """A pool over a folder, whose scripts are given as text."""

    def __init__(self, root: Path) -> None:
        self.root, self.pool, self.count = root, WarmPool(), 0
        variables = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        glue = {"endpoint_url": "http://127.0.0.1:9", "region_name": "us-east-1"}
        self.how = WarmStart(variables, glue, root / "warm.log")

    def start(self, script: str, *argv: str) -> tuple[WarmRun, Path]:
        self.count += 1
        folder = self.root / str(self.count)
        folder.mkdir()
        (folder / "script.py").write_text(script)
        Launch(str(folder / "script.py"), list(argv), None, [], is_warm=True).write(folder)
        return self.pool.start(folder, self.how), folder

    def run(self, script: str, *argv: str) -> tuple[int | None, str, str | None]:
        """Status, output and error."""
        run, folder = self.start(script, *argv)
        status = run.wait(PATIENCE_S)
        run.end()
        return status, (folder / "output.log").read_text(), run.error()


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    found = Pool(tmp_path)
    yield found
    found.pool.close()


def test_runs_share_a_process_until_one_fails(pool: Pool) -> None:
    first, second = pool.run(SAYS_WHO, "--a", "1"), pool.run(SAYS_WHO, "--b", "2")
    assert (first[0], first[1].split()[1:], first[2]) == (0, ["--a", "1"], None)
    assert second[1].split() == [first[1].split()[0], "--b", "2"]
    status, output, error = pool.run("print('before')\nraise ValueError('no')\n")
    assert (status, "before" in output, "ValueError: no" in (error or "")) == (1, True, True)
    third = pool.run(SAYS_WHO)
    assert (third[0], third[1] == first[1]) == (0, False)
    assert pool.run("import sys\nsys.exit(3)\n")[0] == 3


def test_a_stopped_run_harms_no_other(pool: Pool) -> None:
    long, folder = pool.start("import signal\nprint('at work', flush=True)\nsignal.pause()\n")
    pause = threading.Event()
    while not (folder / "output.log").exists() or "at work" not in (folder / "output.log").read_text():
        pause.wait(0.02)
    assert pool.run(SAYS_WHO)[0] == 0  # in a process of its own
    ended: list[int | None] = []
    waiter = threading.Thread(target=lambda: ended.append(long.wait(PATIENCE_S)))
    waiter.start()
    long.end()
    waiter.join()
    assert ended == [-9]
    assert pool.run(SAYS_WHO)[0] == 0


def test_a_run_longer_than_its_time_has_no_status(pool: Pool) -> None:
    run, _ = pool.start("import signal\nsignal.pause()\n")
    assert run.wait(0.1) is None
    run.end()
