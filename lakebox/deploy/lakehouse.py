"""Deploys catalog/lakehouse.yaml to a sandbox where it is not there yet, or was made from other files."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lakebox.deploy.api import Clients
from lakebox.deploy.cdk import CdkAssets
from lakebox.deploy.command import REGION, DeployError, in_one_line, stacks_in
from lakebox.deploy.stack import Deployment
from lakebox.endpoint.service import ACCOUNT
from lakebox.glue.package_files import files_of
from lakebox.glue.template.document import read_template
from lakebox.glue.template.scope import Account
from lakebox.settings import LAKEHOUSE, REPOSITORY

WORKFLOW = f"arn:aws:glue:{REGION}:{ACCOUNT}:workflow/medallion"
DEPLOYED = "lakebox:deployed"  # the workflow's tag that says from which files, and with which parameters
SOURCES = ("catalog", "jobs", "queries")


@in_one_line()
def deploy_lakehouse(clients: Clients, parameters: Mapping[str, str]) -> None:
    """Make or update what our template has. Raises DeployError where a resource can't be made.

    Costs a look at the files and one request where nothing has changed.
    """
    tags = clients("glue").get_tags(ResourceArn=WORKFLOW)["Tags"]
    if tags.get(DEPLOYED) == _version(parameters):
        return
    (stack,) = stacks_in(LAKEHOUSE, None)
    deployment = Deployment(clients, Account(stack.name, ACCOUNT, REGION), CdkAssets({}))
    for step in deployment.deploy(read_template(LAKEHOUSE), parameters):
        if step.outcome in ("failed", "left out"):
            raise DeployError(f"{LAKEHOUSE.name}: {step.logical_id} can't be made ({step.note}); mend that, run again")
    note_deployed(clients("glue"), parameters)


def note_deployed(glue: Any, parameters: Mapping[str, str]) -> None:
    """Note, when all is there, what was deployed."""
    glue.tag_resource(ResourceArn=WORKFLOW, TagsToAdd={DEPLOYED: _version(parameters)})


def _version(parameters: Mapping[str, str]) -> str:
    """Of the files that catalog/lakehouse.yaml deploys, of itself, and of its parameters."""
    digest = hashlib.sha256(json.dumps(dict(parameters), sort_keys=True).encode())
    for source in SOURCES:
        for name, content in files_of(REPOSITORY / source).items():
            digest.update(f"{source}/{name}\0".encode() + content + b"\0")
    return digest.hexdigest()
