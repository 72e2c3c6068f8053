"""Whole Glue projects on the stack: our own template deployed and run as a workflow, with its crawlers and ruleset."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flows import states, wait_for_workflow
from stack.api_target import Target, stack_target
from stack.running_stack import REPOSITORY, Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]
SAMPLE_DATA = REPOSITORY / "sample_data"
# The lake's own bucket is only open to lakebox's own jobs: a user's project has a bucket of its own.
PARAMETERS = {"BucketName": "project-lake", "RawUri": "s3://project-raw/", "DatabaseName": "project-db"}
TABLES = {
    "bronze_quarantine",
    "bronze_user_events_parquet",
    "gold_user_features",
    "pipeline_runs",
    "silver_user_events",
}


@pytest.fixture(scope="module")
def project(stack: Stack) -> Iterator[Target]:
    """Our template, deployed under other names, and the raw events that it reads."""
    parameters = [word for pair in PARAMETERS.items() for word in ("--parameter", "=".join(pair))]
    target = stack_target(stack)
    if "project-raw" not in [bucket["Name"] for bucket in target.s3.list_buckets()["Buckets"]]:
        target.s3.create_bucket(Bucket="project-raw")
    for file in SAMPLE_DATA.rglob("*"):
        if file.is_file():
            target.s3.upload_file(str(file), "project-raw", file.relative_to(SAMPLE_DATA).as_posix())
    primary = target.athena.get_work_group(WorkGroup="primary")["WorkGroup"]["Configuration"]
    made = stack.lakebox("deploy", *parameters).stdout
    assert "failed" not in made
    again = stack.lakebox("deploy", *parameters).stdout
    assert not re.search(r"\d+ (made|updated)\b", again)
    yield target
    assert "failed" not in stack.lakebox("deploy", "--delete", *parameters).stdout
    kept = {"ResultConfigurationUpdates": {"OutputLocation": primary["ResultConfiguration"]["OutputLocation"]}}
    target.athena.update_work_group(
        WorkGroup="primary", ConfigurationUpdates=kept
    )  # a deletion leaves it as it was set
    for bucket in ("project-raw", "project-lake"):
        for page in target.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for stored in page.get("Contents", []):
                target.s3.delete_object(Bucket=bucket, Key=stored["Key"])
        target.s3.delete_bucket(Bucket=bucket)


def test_the_medallion_workflow_runs(stack: Stack, project: Target) -> None:
    run_id = project.glue.start_workflow_run(Name="medallion")["RunId"]
    run = wait_for_workflow(project.glue, "medallion", run_id)
    failed = [one for name, ends in states(run).items() for one in ends if one != "SUCCEEDED"]
    assert (run["Status"], failed, run["Statistics"]["SucceededActions"]) == ("COMPLETED", [], 9)
    names = {table["Name"] for table in project.glue.get_tables(DatabaseName="project-db")["TableList"]}
    assert names == TABLES
    counts = [
        stack.sql(f'SELECT count(*) FROM awsdatacatalog."project-db".{name}')[0][0]
        for name in ("silver_user_events", "gold_user_features", "bronze_quarantine")
    ]
    assert counts == [114, 14, 6]


def test_rules_are_evaluated_on_the_table(stack: Stack, project: Target, tmp_path: Path) -> None:
    rules = tmp_path / "project_rules.dqdl"
    more = 'IsPrimaryKey "pk", CustomSql "SELECT count(*) FROM primary" > 1'
    rules.write_text(f"Rules = [ RowCount >= 114, RowCount >= 115, {more} ]")
    done = stack.lakebox("dq", "run", str(rules), "project-db.silver_user_events", check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "score 75%: 3 of 4 rules passed" in done.stdout
    project.glue.delete_data_quality_ruleset(Name="project_rules")
