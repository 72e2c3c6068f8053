"""Our own template: it has the names that users know, cfn-lint finds nothing, and it is deployed whole."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deploy_sandbox import recording

from catalog.tables import DATABASE, TABLES
from lakebox.glue.template.document import read_template
from lakebox.glue.template.functions import holds
from lakebox.glue.template.parameters import Parameters
from lakebox.glue.template.scope import Account, Scope

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = REPOSITORY / "catalog" / "lakehouse.yaml"
JOBS = ("bronze-etl-incremental", "silver_etl_cdc", "dq_checks_silver_layer", "gold_etl_features")
NAMES = {
    "AWS::Glue::Job": set(JOBS),
    "AWS::Glue::Crawler": {
        "crawler_bronze_user_events",
        "crawler_bronze_quarantine",
        "crawler_silver_user_events",
        "crawler_gold_user_features",
        "crawler_pipeline_runs",
    },
    "AWS::Glue::Workflow": {"medallion"},
    "AWS::Glue::Database": {DATABASE},
    "AWS::Athena::WorkGroup": {"primary"},
    "AWS::S3::Bucket": {"ai-lakehouse-project"},
}


def deployed(root: Path) -> list[tuple[str, dict[str, Any]]]:
    """The requests by which the template is deployed."""
    with recording(root) as (sandbox, recorder):
        steps = list(sandbox.deployment("lakehouse").deploy(read_template(TEMPLATE), {}))
        assert {step.outcome for step in steps} == {"made"}
        assert {step.logical_id: step.note for step in steps if step.note} == {
            "Role": "without ManagedPolicyArns, Policies"
        }
        return recorder.taken()


@pytest.mark.parametrize("template", [TEMPLATE, TEMPLATE.with_name("site.yaml")], ids=lambda path: path.name)
def test_cfn_lint_finds_nothing(template: Path) -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(template)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_resources_have_the_names_users_know(tmp_path: Path) -> None:
    with recording(tmp_path / "lake") as (sandbox, _):
        steps = list(sandbox.deployment("lakehouse").deploy(read_template(TEMPLATE), {}))
    assert {kind: {step.name for step in steps if step.type == kind} for kind in NAMES} == NAMES


def test_crawlers_look_where_tables_are(tmp_path: Path) -> None:
    crawlers = [request for name, request in deployed(tmp_path / "lake") if name == "CreateCrawler"]
    paths = [target["Path"] for crawler in crawlers for target in crawler["Targets"]["S3Targets"]]
    locations = [f"s3://ai-lakehouse-project/{table.location}" for table in TABLES.values()]
    assert all(any(location.startswith(path) for path in paths) for location in locations)
    assert len(paths) == len(locations)


def test_each_layer_is_crawled_before_the_next_job(tmp_path: Path) -> None:
    steps: dict[str, list[str]] = {}
    for name, request in deployed(tmp_path / "lake"):
        if name == "CreateTrigger":
            watched = [condition.get("JobName") or condition["CrawlerName"]
                       for condition in request.get("Predicate", {}).get("Conditions", [])]  # fmt: skip
            started = [action.get("JobName") or action["CrawlerName"] for action in request["Actions"]]
            steps[" and ".join(watched)] = started
            assert request["WorkflowName"] == "medallion"
    assert steps == {
        "": ["bronze-etl-incremental"],
        "bronze-etl-incremental": [
            "crawler_bronze_user_events",
            "crawler_bronze_quarantine",
            "crawler_pipeline_runs",
        ],
        "crawler_bronze_user_events and crawler_bronze_quarantine": ["silver_etl_cdc"],
        "silver_etl_cdc": ["crawler_silver_user_events"],
        "crawler_silver_user_events": ["dq_checks_silver_layer"],
        "dq_checks_silver_layer": ["gold_etl_features"],
        "gold_etl_features": ["crawler_gold_user_features"],
    }


def test_named_queries_are_those_of_the_folder(tmp_path: Path) -> None:
    queries = {
        path.stem: path.read_text(encoding="utf-8").rstrip("\n") for path in (REPOSITORY / "queries").glob("*.sql")
    }
    made = [request for name, request in deployed(tmp_path / "lake") if name == "CreateNamedQuery"]
    assert {request["Name"]: request["QueryString"] for request in made} == queries
    assert {f"-- {request['Description']}" for request in made} == {text.splitlines()[0] for text in queries.values()}
    assert {(request["Database"], request["WorkGroup"]) for request in made} == {(DATABASE, "primary")}


def test_aws_keeps_its_own_primary_workgroup() -> None:
    template = read_template(TEMPLATE)
    for account, makes in (("123456789012", False), ("000000000000", True)):
        scope = Scope(template, Parameters(template, {}), Account("lakehouse", account, "us-east-1"))
        assert holds("MakesWorkGroup", scope) == makes
