"""LAKEBOX_TARGET=aws against moto's Glue and CloudFormation: the workflow is started there, and followed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws
from moto.cloudformation.models import CloudFormationBackend
from moto.glue.models import FakeCrawler, FakeWorkflowRun
from moto.glue.responses import GlueResponse

from lakebox.cli import main
from lakebox.commands.aws_flow import NO_STACK

STACK = {
    "Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "my-lake"}}},
    "Outputs": {"Lake": {"Value": "s3://my-lake/"}},
}
START = datetime(2026, 1, 2, tzinfo=UTC)
DONE = {"job": "raw_to_bronze", "rows_in": 2, "rows_out": 2, "max_event_timestamp": None, "summary": "2 to Bronze"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    names = {"LAKEBOX_TARGET": "aws", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    for name, value in {**names, "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


def end_runs_as(monkeypatch: pytest.MonkeyPatch, job_run: dict[str, Any]) -> list[dict[str, str]]:
    """moto's runs never end and have no graph: let each be over, with one job; the properties of those asked for."""
    started: list[dict[str, str]] = []
    as_it_is = FakeWorkflowRun.as_dict

    def ended(run: FakeWorkflowRun) -> dict[str, Any]:
        started.append(dict(run.properties))
        job = {"StartedOn": START, "CompletedOn": START + timedelta(seconds=90), **job_run}
        nodes = [{"Type": "JOB", "Name": "bronze-etl-incremental", "JobDetails": {"JobRuns": [job]}}]
        said = {"bronze-etl-incremental": json.dumps(DONE)}
        return {
            **as_it_is(run), "Status": "COMPLETED", "Graph": {"Nodes": nodes, "Edges": []},
            "WorkflowRunProperties": said,
        }  # fmt: skip

    monkeypatch.setattr(FakeWorkflowRun, "as_dict", ended)
    return started


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["run", *arguments])
    return done.exit_code, done.output


def test_the_workflow_runs_in_aws(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("cloudformation").create_stack(StackName="lakehouse", TemplateBody=json.dumps(STACK))
    boto3.client("glue").create_workflow(Name="medallion")
    started = end_runs_as(monkeypatch, {"JobRunState": "SUCCEEDED"})
    status, said = run("--raw", "s3://mine/raw", "--training_date", "2025-06-18")
    assert (status, "2 to Bronze (90.0 s)" in said) == (0, True), said
    assert said.splitlines()[-1].startswith("Gold snapshot of 2025-06-18 in s3://my-lake/.")
    assert (started[0]["raw_uri"], started[0]["training_date"]) == ("s3://mine/raw", "2025-06-18")
    assert "mapping_uri" not in started[0]


def test_a_failed_job_ends_with_its_own_line(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("cloudformation").create_stack(StackName="lakehouse", TemplateBody=json.dumps(STACK))
    boto3.client("glue").create_workflow(Name="medallion")
    why = "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; jobs.job.JobFailed: s3://mine: no such bucket"
    end_runs_as(monkeypatch, {"JobRunState": "FAILED", "ErrorMessage": why})
    assert run() == (1, "lakebox: s3://mine: no such bucket\n")


def test_without_a_stack_it_says_how(aws: None) -> None:
    status, said = run()
    assert (status, "make it: LAKEBOX_TARGET=aws lakebox deploy" in said) == (1, True)


def test_local_files_are_refused_in_aws(aws: None) -> None:
    assert run("--raw", "sample_data")[0] == 2


def crawl(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["crawl", *arguments])
    return done.exit_code, done.output


def test_only_the_stacks_crawlers_start(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("cloudformation").create_stack(StackName="lakehouse", TemplateBody=json.dumps(STACK))
    for name in ("gold", "others"):
        boto3.client("glue").create_crawler(Name=name, Role="r", Targets={"S3Targets": [{"Path": "s3://my-lake/"}]})
    listed = CloudFormationBackend.list_stack_resources
    crawler = SimpleNamespace(physical_resource_id="gold", cf_resource_type="AWS::Glue::Crawler")  # moto has none

    def with_crawler(self: CloudFormationBackend, name: str) -> tuple[Any, list[Any]]:
        stack, resources = listed(self, name)
        return stack, [*resources, crawler]

    monkeypatch.setattr(CloudFormationBackend, "list_stack_resources", with_crawler)
    started: list[str] = []
    monkeypatch.setattr(FakeCrawler, "start_crawler", lambda self: started.append(self.name))
    crawls = [{"State": "COMPLETED", "Summary": json.dumps({"TABLE": {"ADD": {"Names": ["t"], "Count": 1}}})}]
    monkeypatch.setattr(GlueResponse, "list_crawls", lambda _: json.dumps({"Crawls": crawls}), raising=False)
    assert crawl() == (0, "gold: table t added\n")
    assert started == ["gold"]


def test_an_aws_that_does_not_answer_is_one_line(aws: None) -> None:
    assert crawl() == (1, f"lakebox: {NO_STACK}\n")
    status, said = crawl("nothing")
    assert (status, said.count("\n"), said.startswith("lakebox: no crawler nothing")) == (1, 1, True), said
