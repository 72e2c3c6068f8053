"""A CloudFormation template -> what of it would not work on Glue or not in the sandbox, its local scripts included."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lakebox.check.arguments import special_findings
from lakebox.check.finding import BOTH, LAKEBOX, Finding
from lakebox.check.job import Job
from lakebox.check.script import script_findings
from lakebox.deploy.api import request_of
from lakebox.deploy.cdk import DEPLOYMENT_TYPE
from lakebox.deploy.identities import stand_in
from lakebox.deploy.kinds import KINDS, Properties
from lakebox.endpoint.service import ACCOUNT
from lakebox.glue.jobs.definitions import COMMANDS
from lakebox.glue.template.document import TemplateError, Value, read_template
from lakebox.glue.template.functions import resolved
from lakebox.glue.template.order import in_order
from lakebox.glue.template.parameters import Parameters
from lakebox.glue.template.scope import Account, Scope

ENDED = ("0.9", "1.0", "2.0")
CRAWLED = ("S3Targets", "CatalogTargets", "IcebergTargets")
UNKNOWN = "?"  # stands for a value that is known only when a template is deployed


def template_findings(path: Path) -> list[Finding]:
    """What of a template would not work, in the order of its lines."""
    name = str(path)
    try:
        template = read_template(path)
        in_order(template, template.resources, lambda _: 0)
    except TemplateError as error:
        return [Finding(name, 1, True, (LAKEBOX,), str(error))]
    scope = Scope(template, Parameters(template, {}), Account("stack", ACCOUNT, "us-east-1"), lambda _: UNKNOWN)
    for logical_id in template.resources:
        scope.resources[logical_id] = stand_in(logical_id, scope, "")
    found = []
    for logical_id, resource in template.resources.items():
        place = (name, template.line_of(logical_id))
        properties = {key: _known(value, scope) for key, value in (resource.get("Properties") or {}).items()}
        type_name = str(resource["Type"])
        if type_name not in KINDS and type_name != DEPLOYMENT_TYPE:
            text = f"{logical_id}: lakebox does not make {type_name}; names of it stand in"
            found.append(Finding(*place, False, (LAKEBOX,), text))
        elif type_name in KINDS and KINDS[type_name].service in ("glue", "athena"):
            found += _properties(place, logical_id, type_name, properties)
        if type_name == "AWS::Glue::Job":
            found += _job(place, logical_id, properties, path.parent)
    return sorted(set(found))


def _known(value: Value, scope: Scope) -> Value:
    """A value as far as it is known without deploying."""
    try:
        return resolved(value, scope)
    except TemplateError:
        if isinstance(value, Mapping) and not any(key == "Ref" or key.startswith("Fn::") for key in value):
            return {key: _known(member, scope) for key, member in value.items()}
        return [_known(member, scope) for member in value] if isinstance(value, list) else UNKNOWN


def _properties(place: tuple[str, int], logical_id: str, type_name: str, properties: Properties) -> Iterator[Finding]:
    """Properties of wrong types or names, and kinds of crawlers and triggers that lakebox refuses."""
    unknown: list[str] = []
    try:
        known = {key: value for key, value in properties.items() if value != UNKNOWN}
        unknown = request_of(KINDS[type_name], known)[1]
    except TemplateError as error:
        if UNKNOWN not in json.dumps(properties, default=str):
            yield Finding(*place, True, (*BOTH, LAKEBOX), f"{logical_id}: {error}")
    for property_name in unknown:
        yield Finding(*place, True, BOTH, f"{logical_id}: {type_name} has no property {property_name}")
    targets = properties.get("Targets")
    for target in targets if type_name == "AWS::Glue::Crawler" and isinstance(targets, dict) else ():
        if target not in CRAWLED:
            text = f"{logical_id}: lakebox does not crawl {target}: crawl S3, or make the tables by hand"
            yield Finding(*place, True, (LAKEBOX,), text)
    if type_name == "AWS::Glue::Trigger" and properties.get("Type") == "EVENT":
        yield Finding(*place, True, (LAKEBOX,), f"{logical_id}: lakebox has no triggers of type EVENT")


def _job(place: tuple[str, int], logical_id: str, properties: Properties, folder: Path) -> Iterator[Finding]:
    """What is wrong with a job, and with its script where that is a local file."""
    command = properties.get("Command")
    command = command if isinstance(command, dict) else {}
    kind, version = command.get("Name", "glueetl"), str(properties.get("GlueVersion", ""))
    if kind not in (*COMMANDS, UNKNOWN):
        text = f"{logical_id}: lakebox runs {' and '.join(COMMANDS)} jobs, not {kind}"
        yield Finding(*place, True, (LAKEBOX,), text)
    python = str(command.get("PythonVersion", ""))
    if python.startswith("2"):
        yield Finding(*place, True, BOTH, f"{logical_id}: PythonVersion 2 is gone from Glue; use 3")
    if kind == "pythonshell" and python == "3":
        text = f"{logical_id}: Python shell jobs of PythonVersion 3 (3.6) are past their end of support; use 3.9"
        yield Finding(*place, False, BOTH, text)
    elif kind == "glueetl" and version in ENDED:
        text = f"{logical_id}: GlueVersion {version} is past its end of support; use 5.1"
        yield Finding(*place, False, BOTH, text)
    if "MaxCapacity" in properties and ("WorkerType" in properties or "NumberOfWorkers" in properties):
        text = f"{logical_id}: Glue takes MaxCapacity or WorkerType with NumberOfWorkers, not both"
        yield Finding(*place, True, BOTH, text)
    given = properties.get("DefaultArguments")
    arguments = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    for finding in special_findings(*place, arguments):
        yield replace(finding, text=f"{logical_id}: {finding.text}")
    script = command.get("ScriptLocation")
    if isinstance(script, str) and "://" not in script and script != UNKNOWN:
        if not (folder / script).is_file():
            yield Finding(*place, True, (*BOTH, LAKEBOX), f"{logical_id}: there is no script {folder / script}")
        elif script.endswith(".py"):
            yield from script_findings(folder / script, Job(arguments, kind == "pythonshell"))
