"""What the template says the lakehouse is: its jobs, crawlers, triggers and queries, for the pages that show them."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakebox.deploy.assets import TEXTS
from lakebox.endpoint.service import ACCOUNT
from lakebox.glue.template.document import Template, Value, read_template
from lakebox.glue.template.functions import holds, resolved
from lakebox.glue.template.parameters import Parameters
from lakebox.glue.template.scope import Account, Identity, Scope
from lakebox.settings import LAKEHOUSE

WORKER_DPU = {"G.025X": 0.25, "Standard": 1.0, "G.1X": 1.0, "G.2X": 2.0, "G.4X": 4.0, "G.8X": 8.0}
NAMES = ("Name", "BucketName")


@dataclass(frozen=True)
class JobDefinition:
    """A Glue job. script: the file's name; record_name: how pipeline_runs calls it; dpu: its capacity."""

    name: str
    description: str
    script: str
    record_name: str
    glue_version: str
    workers: str
    dpu: float


@dataclass(frozen=True)
class CrawlerDefinition:
    """A Glue crawler. paths: s3:// prefixes that it crawls."""

    name: str
    description: str
    database: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class TriggerDefinition:
    """A Glue trigger: when all of `after` have succeeded, `starts` begin; both are names of jobs and crawlers."""

    name: str
    workflow: str
    after: tuple[str, ...]
    starts: tuple[str, ...]


@dataclass(frozen=True)
class NamedQuery:
    """A named query of Athena. question: what it answers."""

    name: str
    question: str
    sql: str


@dataclass(frozen=True)
class Definitions:
    """What a template has of the things that the pages show, in its order."""

    jobs: tuple[JobDefinition, ...]
    crawlers: tuple[CrawlerDefinition, ...]
    triggers: tuple[TriggerDefinition, ...]
    queries: tuple[NamedQuery, ...]
    workflows: tuple[str, ...]


def read_definitions(bucket: str) -> Definitions:
    """The definitions of our own template, for a lake in a bucket. Raises TemplateError."""
    template = read_template(LAKEHOUSE)
    given = {"BucketName": bucket} if "BucketName" in template.parameters else {}
    scope = Scope(template, Parameters(template, given), Account("lakehouse", ACCOUNT, "us-east-1"))
    for logical_id in template.resources:
        scope.resources[logical_id] = _identity(template, logical_id, scope)
    return Definitions(
        jobs=tuple(_job(each) for each in _of_type("Glue::Job", scope)),
        crawlers=tuple(_crawler(each) for each in _of_type("Glue::Crawler", scope)),
        triggers=tuple(_trigger(each) for each in _of_type("Glue::Trigger", scope)),
        queries=tuple(_query(each, LAKEHOUSE.parent) for each in _of_type("Athena::NamedQuery", scope)),
        workflows=tuple(str(each["Name"]) for each in _of_type("Glue::Workflow", scope)),
    )


def _identity(template: Template, logical_id: str, scope: Scope) -> Identity:
    """A resource under the name that the template gives it, else under its logical id."""
    properties = template.resources[logical_id].get("Properties") or {}
    properties = {**properties, **properties.get("DatabaseInput", {})}
    named = next((properties[key] for key in NAMES if key in properties), logical_id)
    name = str(resolved(named, scope))
    return Identity(name, {"Arn": f"arn:aws:s3:::{name}"}, name=name)


def _of_type(kind: str, scope: Scope) -> Iterator[Mapping[str, Value]]:
    for resource in scope.template.resources.values():
        is_wanted = "Condition" not in resource or holds(str(resource["Condition"]), scope)
        if resource["Type"] == f"AWS::{kind}" and is_wanted:
            yield resolved(copy.deepcopy(resource.get("Properties") or {}), scope)


def _job(properties: Mapping[str, Any]) -> JobDefinition:
    script = str(properties["Command"]["ScriptLocation"]).rsplit("/", 1)[-1]
    worker, count = str(properties.get("WorkerType", "G.1X")), int(properties.get("NumberOfWorkers", 2))
    return JobDefinition(
        name=str(properties["Name"]),
        description=str(properties.get("Description", "")),
        script=script,
        record_name=script.removesuffix(".py"),
        glue_version=str(properties.get("GlueVersion", "")),
        workers=f"{count} × {worker}",
        dpu=count * WORKER_DPU.get(worker, 1.0),
    )


def _crawler(properties: Mapping[str, Any]) -> CrawlerDefinition:
    targets = properties.get("Targets", {}).get("S3Targets", [])
    return CrawlerDefinition(
        name=str(properties["Name"]),
        description=str(properties.get("Description", "")),
        database=str(properties.get("DatabaseName", "")),
        paths=tuple(str(target["Path"]) for target in targets),
    )


def _trigger(properties: Mapping[str, Any]) -> TriggerDefinition:
    conditions = properties.get("Predicate", {}).get("Conditions", [])
    return TriggerDefinition(
        name=str(properties["Name"]),
        workflow=str(properties.get("WorkflowName", "")),
        after=tuple(_job_or_crawler(condition) for condition in conditions),
        starts=tuple(_job_or_crawler(action) for action in properties.get("Actions", [])),
    )


def _job_or_crawler(properties: Mapping[str, Any]) -> str:
    return str(properties.get("JobName") or properties.get("CrawlerName"))


def _query(properties: Mapping[str, Any], folder: Path) -> NamedQuery:
    text = str(properties[TEXTS["AWS::Athena::NamedQuery"]])
    sql = (folder / text).read_text(encoding="utf-8") if text.endswith(".sql") else text
    lines = [line for line in sql.strip().splitlines() if not line.startswith("--")]
    return NamedQuery(str(properties["Name"]), str(properties.get("Description", "")), "\n".join(lines))
