"""Terraform as a user runs it: a project in a folder, and the variables of `lakebox env`, nothing else."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flows import states, wait_for_workflow
from job_sandbox import PATIENCE_S, wait_for_run

from lakebox.deploy.api import Clients

PROJECT = Path(__file__).parent / "terraform_project"
PROVIDER = "*/hashicorp/aws"  # below a mirror, as `terraform providers mirror` lays it out
MIRRORS = (
    Path.home() / ".terraform.d" / "plugins",
    Path("/usr/local/share/terraform/plugins"),
    *Path("/opt").glob("*"),
)
LAKE = "orders-lake-000000000000"
SAME = "No changes. Your infrastructure matches the configuration."
NODES = ("orders-to-parquet", "orders-raw", "orders-curated", "orders-receipt")


def check_project(terraform: "Terraform", client: Clients) -> None:
    """The project is applied, does what it says, is changed, and leaves nothing behind when it is destroyed."""
    glue, s3 = client("glue"), client("s3")
    before = _names(client)
    assert terraform.apply() == "Apply complete! Resources: 33 added, 0 changed, 0 destroyed."
    assert terraform.plan() == SAME
    for first in glue.get_job_runs(JobName="orders-to-parquet")["JobRuns"]:  # the provider starts on-demand triggers
        wait_for_run(glue, "orders-to-parquet", first["Id"])
    run_id = glue.start_workflow_run(Name="orders")["RunId"]
    run = wait_for_workflow(glue, "orders", run_id)
    assert states(run) == {name: ["SUCCEEDED"] for name in NODES}, run["Graph"]["Nodes"]
    assert s3.get_object(Bucket=LAKE, Key="receipts/last.txt")["Body"].read() == b"dev dev"
    assert _answer(client("athena")) == "37.75"
    tables = {table["Name"] for table in glue.get_tables(DatabaseName="orders-db")["TableList"]}
    assert tables == {"returns", "stock", "raw_orders", "curated_orders"}
    assert terraform.plan() == SAME

    assert terraform.apply(stage="prod") == "Apply complete! Resources: 2 added, 20 changed, 2 destroyed."
    assert terraform.plan(stage="prod") == SAME
    assert glue.get_trigger(Name="orders-nightly")["Trigger"]["State"] == "ACTIVATED"
    assert glue.get_job(JobName="orders-to-parquet")["Job"]["DefaultArguments"]["--stage"] == "prod"
    arn = "arn:aws:glue:us-east-1:000000000000:job/orders-to-parquet"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"project": "orders", "stage": "prod"}

    assert terraform.destroy() == "Destroy complete! Resources: 33 destroyed."
    assert LAKE not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert _names(client) == before


def _names(client: Clients) -> list[set[str]]:
    """The jobs, crawlers, triggers, workflows and roles that there are."""
    glue = client("glue")
    lists = (glue.list_jobs()["JobNames"], glue.list_crawlers()["CrawlerNames"], glue.list_triggers()["TriggerNames"],
             glue.list_workflows()["Workflows"])  # fmt: skip
    return [*map(set, lists), {role["RoleName"] for role in client("iam").list_roles()["Roles"]}]


def _answer(athena: Any) -> str:
    """What the project's named query gives in its workgroup."""
    query = athena.get_named_query(NamedQueryId=athena.list_named_queries(WorkGroup="analysts")["NamedQueryIds"][0])
    asked = {"QueryExecutionContext": {"Database": "orders-db"}, "WorkGroup": "analysts"}
    query_id = athena.start_query_execution(QueryString=query["NamedQuery"]["QueryString"], **asked)["QueryExecutionId"]
    pause = threading.Event()
    for _ in range(PATIENCE_S * 20):
        state = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
        if state["State"] in ("SUCCEEDED", "FAILED"):
            break
        pause.wait(0.05)
    assert state["State"] == "SUCCEEDED", state
    return str(athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"])


class Terraform:
    """A project of Terraform in a folder of its own."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        shutil.copytree(PROJECT, folder)
        (folder / "cli.tfrc").write_text(
            f"provider_installation {{\n  filesystem_mirror {{ path = {json.dumps(str(provider_mirror()))} }}\n}}\n"
        )
        others = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        self._environment = {**others, **variables, "TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc")}
        self._folder = folder
        self._run("init", "-input=false")

    def apply(self, **given: str) -> str:
        """Make it so; the line that says what was done."""
        return self._last("Apply complete!", "apply", "-auto-approve", *_variables(given))

    def plan(self, **given: str) -> str:
        """The line that says what an apply would do."""
        return self._last(("No changes.", "Plan:"), "plan", *_variables(given))

    def destroy(self) -> str:
        """Take all away; the line that says what was done."""
        return self._last("Destroy complete!", "destroy", "-auto-approve")

    def _last(self, start: str | tuple[str, ...], *command: str) -> str:
        lines = self._run(*command, "-input=false").splitlines()
        return next(line for line in reversed(lines) if line.startswith(start))

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            ["terraform", *command, "-no-color"],
            cwd=self._folder, env=self._environment, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


def provider_mirror() -> Path:
    """A folder of this machine that has the AWS provider. Skips the test where there is none, or no Terraform."""
    if shutil.which("terraform") is None:
        pytest.skip("no terraform in PATH")
    for place in MIRRORS:
        if any(place.glob(PROVIDER)):
            return place
    pytest.skip("Terraform's AWS provider is in no mirror: `terraform providers mirror ~/.terraform.d/plugins` in "
                "tests/terraform_project fetches it")  # fmt: skip


def _variables(given: Mapping[str, str]) -> list[str]:
    return [f"-var={name}={value}" for name, value in given.items()]
