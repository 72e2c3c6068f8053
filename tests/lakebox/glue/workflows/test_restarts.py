"""Endpoints that are killed or closed during workflow runs: the next one goes on, and starts nothing twice."""

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flows import Flows, states
from job_sandbox import JobSandbox, open_sandbox
from served import Served, glue_of

from lakebox.api.serve import serving

NOTES_ITSELF = """
import sys, time
from pathlib import Path

with open({path!r}, "a") as notes:
    notes.write(sys.argv[sys.argv.index("--JOB_NAME") + 1] + "\\n")
time.sleep(0.3)
"""
JOBS = ("one", "two", "alarm", "three", "four")


def flow(flows: Flows) -> None:
    """One, then two (or alarm where one has failed), then three and four, whichever of both has succeeded."""
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "one", WorkflowName="flow")
    flows.follows("well", ["one"], "two", WorkflowName="flow")
    flows.follows("ill", ["one=FAILED"], "alarm", WorkflowName="flow")
    flows.follows("any", ["two", "alarm"], "three", "four", Logical="ANY", WorkflowName="flow")


def fired_as_it_should(run: dict[str, Any]) -> bool:
    """Whether just those jobs ran, once each, whose triggers' conditions hold by the states of the others."""
    ended = states(run)
    first = ended["one"] == ["SUCCEEDED"]
    second = "SUCCEEDED" in ended["two"] + ended["alarm"]
    counts = [len(ended[job]) for job in JOBS]
    return counts == [1, int(first), int(not first), int(second), int(second)]


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.0, 0.2, 0.5, 0.9, 1.3, 1.7])
def test_a_killed_endpoint_leaves_no_run_behind(tmp_path: Path, delay_s: float) -> None:
    lake, notes = tmp_path / "lake", tmp_path / "notes"
    first = Served(lake)
    flows = Flows(JobSandbox(lake, glue_of(lake, first.url), None, None))  # type: ignore[arg-type]
    for job in JOBS:
        flows.sandbox.define(job, NOTES_ITSELF.format(path=str(notes)))
    flow(flows)
    run_id = flows.start("flow")
    threading.Event().wait(delay_s)
    first.end(signal.SIGKILL)
    second = Served(lake)
    flows.glue = glue_of(lake, second.url)
    run = flows.wait("flow", run_id)
    assert second.end() == 0
    assert run["Status"] == "COMPLETED"
    assert fired_as_it_should(run), states(run)
    ran = notes.read_text().split() if notes.exists() else []
    assert len(ran) == len(set(ran))


def test_a_run_goes_on_in_the_next_endpoint(tmp_path: Path) -> None:
    open_for_a_while = contextmanager(open_sandbox)
    with open_for_a_while(tmp_path) as sandbox:
        flows = Flows(sandbox)
        flows.jobs("alarm", "two", "three", "four")
        sandbox.define("one", "import signal\nsignal.pause()\n")
        flow(flows)
        run_id = flows.start("flow")
    with open_for_a_while(tmp_path) as sandbox:
        run = Flows(sandbox).wait("flow", run_id)
    assert (run["Status"], run["Statistics"]["FailedActions"]) == ("COMPLETED", 1)
    assert states(run) == {"one": ["FAILED"], "two": []} | {job: ["SUCCEEDED"] for job in ("alarm", "three", "four")}


def test_a_lost_run_does_not_stand_in_the_way(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    first = Served(lake)
    flows = Flows(JobSandbox(lake, glue_of(lake, first.url), None, None))  # type: ignore[arg-type]
    flows.sandbox.define("long", "import signal\nsignal.pause()\n")
    flows.glue.create_workflow(Name="flow", MaxConcurrentRuns=1)
    flows.starts("begin", "long", WorkflowName="flow")
    lost = flows.start("flow")
    first.end(signal.SIGKILL)
    with serving(str(lake)) as endpoint:  # of one command, which goes on with no run of others
        flows.glue = glue_of(lake, endpoint.url)
        assert flows.get("flow", lost)["Status"] == "RUNNING"
        flows.start("flow")
        ended = flows.get("flow", lost)
    assert (ended["Status"], ended["ErrorMessage"]) == (
        "STOPPED",
        "The endpoint ended during this run, and the next run found it so",
    )
    assert states(ended) == {"long": ["FAILED"]}
