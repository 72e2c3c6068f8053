"""The verbs around Glue's jobs, as processes of their own: a script runs, runs are listed, serve tells the truth."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import lakebox
from served import Served, glue_of

WAITS = "import os, signal\nprint(os.getpid(), flush=True)\nsignal.pause()\n"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def served(lake: Path) -> Iterator[Served]:
    server = Served(lake)
    yield server
    if server.process.poll() is None:
        server.end()


def test_a_script_runs_once_and_is_on_record(lake: Path, tmp_path: Path) -> None:
    script = tmp_path / "report.py"
    script.write_text("import sys\nprint(sys.argv[sys.argv.index('--day') + 1])\n")
    done = lakebox("job", "run", str(script), "--shell", "--lake", str(lake), "--day", "2026-01-02")
    assert (done.returncode, done.stdout, done.stderr) == (0, "2026-01-02\n", "")
    listed = lakebox("runs", "--lake", str(lake)).stdout
    assert "report" in listed
    assert "SUCCEEDED" in listed
    assert lakebox("logs", "jr_", "--lake", str(lake)).stdout == "2026-01-02\n"


def test_a_failed_script_ends_with_one_line(lake: Path, tmp_path: Path) -> None:
    script = tmp_path / "bad.py"
    script.write_text("\nraise ValueError('no rows')\n")
    done = lakebox("job", "run", str(script), "--shell", "--lake", str(lake))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "lakebox: FAILED: Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 2; ValueError: no rows"
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("job", "run", "none.py"), "there is no script none.py"),
        (("runs",), "no job has run yet"),
        (("logs", "jr_1"), "no job has run yet"),
        (("queries",), "no query has been made by Athena's API yet"),
    ],
)
def test_wrong_usage_is_one_line(lake: Path, words: tuple[str, ...], said: str) -> None:
    done = lakebox(*words, "--lake", str(lake))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr


def test_env_gives_what_clients_need(lake: Path) -> None:
    lines = lakebox("env", "--lake", str(lake), "--port", "4577").stdout.splitlines()
    values = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    keys = json.loads((lake / ".lakebox" / "keys.json").read_text())
    assert values == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4577",
        "AWS_ACCESS_KEY_ID": keys["access_key"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_key"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }


def test_one_lake_is_served_once(lake: Path, served: Served) -> None:
    done = lakebox("serve", "--lake", str(lake), "--port", "0")
    assert done.returncode == 1
    assert "is at work on" in done.stderr
    assert served.end() == 0


def test_a_killed_endpoint_leaves_nothing_running(lake: Path, served: Served) -> None:
    (lake / "scripts").mkdir(parents=True)
    (lake / "scripts" / "waits.py").write_text(WAITS)
    glue = glue_of(lake, served.url)
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/waits.py"}
    glue.create_job(Name="waits", Role="role", Command=command)
    run_id = glue.start_job_run(JobName="waits")["JobRunId"]
    output = lake / ".lakebox" / "runs" / run_id / "output.log"
    until(lambda: output.exists() and output.read_text().endswith("\n"))
    script = int(output.read_text())
    served.end(signal.SIGKILL)
    until(lambda: is_gone(script))
    again = Served(lake)
    run = glue_of(lake, again.url).get_job_run(JobName="waits", RunId=run_id)["JobRun"]
    assert (run["JobRunState"], "the run with it" in run["ErrorMessage"]) == ("FAILED", True)
    again.end()


def until(holds: Any) -> None:
    """Wait, for as long as the test may take, until something holds."""
    import time

    while not holds():
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")
