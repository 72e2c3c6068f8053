"""Deploys catalog/lakehouse.yaml to a sandbox where it is not there yet, or was made from other files."""

from typing import Any

from lakebox.deploy.api import Clients
from lakebox.deploy.cdk import CdkAssets
from lakebox.deploy.command import REGION, DeployError, in_one_line, stacks_in
from lakebox.deploy.stack import Deployment
from lakebox.endpoint.service import ACCOUNT
from lakebox.glue.jobs.warm.own_jobs import OwnJobs
from lakebox.glue.template.document import read_template
from lakebox.glue.template.scope import Account
from lakebox.settings import LAKEHOUSE

WORKFLOW = "medallion"


@in_one_line()
def deploy_lakehouse(clients: Clients, own_jobs: OwnJobs, bucket: str) -> None:
    """Make or update what our template has, for a lake in a bucket. Raises DeployError where a resource can't be made.

    Costs a look at the files and one request where nothing has changed.
    """
    glue = clients("glue")
    if own_jobs.are_current(bucket) and _is_there(glue):
        return
    (stack,) = stacks_in(LAKEHOUSE, None)
    deployment = deployment_of(clients, stack.name)
    for step in deployment.deploy(read_template(LAKEHOUSE), {"BucketName": bucket}):
        if step.outcome == "failed":
            raise DeployError(f"{LAKEHOUSE.name}: {step.logical_id} can't be made ({step.note}); mend that, run again")
    note_own_jobs(deployment, own_jobs, bucket)


def deployment_of(clients: Clients, stack: str) -> Deployment:
    """Our template's stack in a sandbox, under the name that it has there."""
    return Deployment(clients, Account(stack, ACCOUNT, REGION), CdkAssets({}))


def note_own_jobs(deployment: Deployment, own_jobs: OwnJobs, bucket: str) -> None:
    """Note which scripts are ours, of our template as it was deployed for a lake in a bucket."""
    jobs = [made.request for made in deployment.record.resources if made.type == "AWS::Glue::Job"]
    scripts = [str(job["Command"]["ScriptLocation"]) for job in jobs]
    modules = [uri for job in jobs for uri in str(job["DefaultArguments"]["--extra-py-files"]).split(",")]
    own_jobs.note(bucket, sorted({*scripts, *modules}))


def _is_there(glue: Any) -> bool:
    try:
        glue.get_workflow(Name=WORKFLOW)
    except glue.exceptions.EntityNotFoundException:
        return False
    return True
