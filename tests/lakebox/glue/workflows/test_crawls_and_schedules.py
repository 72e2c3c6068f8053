"""Crawlers in workflows, by crawlers that the test ends itself, and scheduled triggers under a clock that it moves."""

from collections.abc import Callable
from typing import Any

import pytest
from flows import Flows, states
from hand_clock import HandClock
from job_sandbox import JobSandbox

from lakebox.endpoint.service import ServiceError
from lakebox.glue.workflows.operations import Workflows

CRAWLED = [{"LogicalOperator": "EQUALS", "CrawlerName": "raw", "CrawlState": "SUCCEEDED"}]


class HandCrawlers:
    """Two crawlers, `raw` and `quick`; a crawl of `quick` is over before its start has returned."""

    def __init__(self) -> None:
        self.states: dict[str, str | None] = {}
        self.stopped: list[str] = []
        self.tell: Callable[[str, str, str], None] = lambda _name, _crawl, _state: None

    def start(self, name: str) -> str:
        if name not in ("raw", "quick"):
            raise ServiceError("EntityNotFoundException", f"Crawler {name} not found.")
        if name in [crawl.split()[0] for crawl, state in self.states.items() if state is None]:
            raise ServiceError("CrawlerRunningException", f"Crawler {name} has already started")
        crawl_id = f"{name} {len(self.states)}"
        self.states[crawl_id] = None
        if name == "quick":
            self.end(crawl_id, "SUCCEEDED")
        return crawl_id

    def stop(self, name: str) -> None:
        self.stopped.append(name)

    def state(self, crawl_id: str) -> str | None:
        return self.states[crawl_id]

    def end(self, crawl_id: str, state: str) -> None:
        self.states[crawl_id] = state
        self.tell(crawl_id.split()[0], crawl_id, state)


class Crawling(Flows):
    """A sandbox whose workflows have crawlers."""

    def __init__(self, sandbox: JobSandbox, workflows: Workflows, crawlers: HandCrawlers) -> None:
        super().__init__(sandbox)
        self.workflows, self.crawlers = workflows, crawlers

    def start(self, workflow: str, **more: Any) -> str:
        """Start a workflow run where the crawlers are; its id."""
        return str(self.workflows.operations()["StartWorkflowRun"]({"Name": workflow})["RunId"])


@pytest.fixture
def crawling(sandbox: JobSandbox) -> Crawling:
    """Workflows with crawlers, over the sandbox's state and job runs."""
    crawlers = HandCrawlers()
    workflows = Workflows(sandbox.documents, sandbox.runs, crawlers)
    crawlers.tell = workflows.crawl_ended
    return Crawling(sandbox, workflows, crawlers)


def test_a_job_follows_a_crawl(crawling: Crawling) -> None:
    crawling.jobs("etl")
    crawling.glue.create_workflow(Name="flow")
    crawling.starts("begin", Actions=[{"CrawlerName": "raw"}], WorkflowName="flow")
    crawling.follows("then", [], "etl", Predicate={"Conditions": CRAWLED}, WorkflowName="flow")
    run_id = crawling.start("flow")
    assert states(crawling.get("flow", run_id)) == {"raw": ["RUNNING"], "etl": []}
    crawling.crawlers.end("raw 0", "SUCCEEDED")
    run = crawling.wait("flow", run_id)
    assert states(run) == {"raw": ["SUCCEEDED"], "etl": ["SUCCEEDED"]}
    crawl = next(node for node in run["Graph"]["Nodes"] if node["Type"] == "CRAWLER")["CrawlerDetails"]["Crawls"][0]
    assert (crawl["LogGroup"], crawl["CompletedOn"] >= crawl["StartedOn"]) == ("/aws-glue/crawlers", True)


def test_a_crawl_may_end_before_its_start_returns(crawling: Crawling) -> None:
    crawling.glue.create_workflow(Name="flow")
    crawling.starts("begin", Actions=[{"CrawlerName": "quick"}], WorkflowName="flow")
    run = crawling.wait("flow", crawling.start("flow"))
    assert states(run) == {"quick": ["SUCCEEDED"]}


def test_a_crawler_that_can_not_start_fails_its_action(crawling: Crawling) -> None:
    crawling.crawlers.start("raw")
    crawling.glue.create_workflow(Name="flow")
    crawling.starts("begin", Actions=[{"CrawlerName": "raw"}, {"CrawlerName": "none"}], WorkflowName="flow")
    run = crawling.wait("flow", crawling.start("flow"))
    assert states(run) == {"raw": ["FAILED"], "none": ["ERROR"]}
    errors = [node["CrawlerDetails"]["Crawls"][0]["ErrorMessage"] for node in run["Graph"]["Nodes"][1:]]
    assert errors == ["Crawler raw has already started", "Crawler none not found."]
    assert (run["Statistics"]["FailedActions"], run["Statistics"]["ErroredActions"]) == (1, 1)


def test_a_stopped_run_stops_its_crawls(crawling: Crawling) -> None:
    crawling.glue.create_workflow(Name="flow")
    crawling.starts("begin", Actions=[{"CrawlerName": "raw"}], WorkflowName="flow")
    run_id = crawling.start("flow")
    crawling.workflows.operations()["StopWorkflowRun"]({"Name": "flow", "RunId": run_id})
    assert (crawling.crawlers.stopped, crawling.get("flow", run_id)["Status"]) == (["raw"], "STOPPING")
    crawling.crawlers.end("raw 0", "CANCELLED")
    run = crawling.wait("flow", run_id)
    assert (run["Status"], run["Statistics"]["StoppedActions"]) == ("STOPPED", 1)


def test_a_crawler_that_is_missing_is_named(flows: Flows) -> None:
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", Actions=[{"CrawlerName": "raw"}], WorkflowName="flow")
    crawl = flows.run("flow")["Graph"]["Nodes"][1]["CrawlerDetails"]["Crawls"][0]
    assert (crawl["State"], crawl["ErrorMessage"]) == (
        "ERROR",
        "Crawler raw not found.",
    )


def test_schedules_start_jobs_and_workflows(crawling: Crawling) -> None:
    crawling.jobs("alone", "inside", "asleep")
    crawling.glue.create_workflow(Name="flow", MaxConcurrentRuns=1)
    for name, job, more in (
        ("t-alone", "alone", {}),
        ("t-inside", "inside", {"WorkflowName": "flow"}),
        ("t-asleep", "asleep", {"StartOnCreation": False}),
    ):
        given = {"Type": "SCHEDULED", "Schedule": "cron(0 13 * * ? *)", "StartOnCreation": True}
        crawling.glue.create_trigger(**({"Name": name, "Actions": [{"JobName": job}]} | given | more))
    clock = HandClock()
    with crawling.workflows.at_work([], clock):
        clock.move(minutes=29, seconds=30)
        clock.move(minutes=30)
        assert crawling.only_run("alone")["TriggerName"] == "t-alone"
        assert crawling.only_run("inside")["TriggerName"] == "t-inside"
        clock.move(hours=23)
    assert len(crawling.glue.get_workflow_runs(Name="flow")["Runs"]) == 1
    assert crawling.glue.get_job_runs(JobName="asleep")["JobRuns"] == []


def test_a_schedule_at_the_limit_leaves_an_error(crawling: Crawling) -> None:
    crawling.glue.create_workflow(Name="flow", MaxConcurrentRuns=1)
    given = {"Type": "SCHEDULED", "Schedule": "cron(0 13 * * ? *)", "StartOnCreation": True, "WorkflowName": "flow"}
    crawling.glue.create_trigger(Name="nightly", Actions=[{"CrawlerName": "raw"}], **given)
    crawling.start("flow")
    clock = HandClock()
    with crawling.workflows.at_work([], clock):
        clock.move(hours=1)
    run = crawling.glue.get_workflow_runs(Name="flow")["Runs"][0]
    assert (run["Status"], run["ErrorMessage"]) == ("ERROR", "Concurrent runs exceeded for workflow: flow.")
