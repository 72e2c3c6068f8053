"""`LAKEBOX_TARGET=aws lakebox deploy`: a template's local files go to a bucket, and CloudFormation applies the rest.

Changes are shown, and asked about, before they are made. Credentials and region are those of any AWS client.
"""

import copy
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import click

from jobs.lake.errors import LakeboxError
from lakebox.deploy.assets import with_local_files
from lakebox.deploy.cdk import AppStack
from lakebox.endpoint.service import ACCOUNT
from lakebox.glue.template.document import Template, read_template

NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
WAIT = {"Delay": 3, "MaxAttempts": 600}


class AwsDeployError(LakeboxError):
    """CloudFormation refuses a stack, or has no credentials to work with."""


def deploy_to_aws(stacks: Sequence[AppStack], given: Mapping[str, str], *, delete: bool, confirmed: bool) -> None:
    """Bring one stack of an AWS account to what its template says, or delete it. Raises AwsDeployError.

    confirmed: don't ask
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError, WaiterError

    if len(stacks) != 1 or stacks[0].template.name.endswith(".template.json"):
        raise AwsDeployError("CDK's apps are deployed to AWS by `cdk deploy`; lakebox deploys a template's file there")
    (stack,) = stacks
    try:
        target = _Account(boto3.Session(), stack.name, confirmed=confirmed)
        if delete:
            target.delete()
        else:
            target.deploy(read_template(stack.template), given)
    except WaiterError as error:
        raise AwsDeployError(f"{stack.name}: {target.why_it_failed() or error}") from None
    except (ClientError, BotoCoreError) as error:
        raise AwsDeployError(f"{error}; `aws sts get-caller-identity` tells whether your credentials work") from None


class _Account:
    """A stack in the account of the session's credentials."""

    def __init__(self, session: Any, stack: str, *, confirmed: bool) -> None:
        self._stack, self._confirmed = stack, confirmed
        self._s3, self._cloudformation = session.client("s3"), session.client("cloudformation")
        self._account = session.client("sts").get_caller_identity()["Account"]
        self._region = self._s3.meta.region_name
        if self._account == ACCOUNT:
            text = "AWS_ENDPOINT_URL leads to the sandbox, not to AWS"
            raise AwsDeployError(f"{text}; start a shell without the variables of `lakebox env`, and try again")
        # The policy AWSGlueServiceRole lets jobs read buckets of this prefix.
        self._bucket = f"aws-glue-lakebox-{self._account}-{self._region}"

    def deploy(self, template: Template, given: Mapping[str, str]) -> None:
        """Upload, show what would change, ask, change, and print the stack's outputs."""
        there = self._described()
        name = f"lakebox-{uuid.uuid4().hex[:12]}"
        self._make_bucket()
        self._cloudformation.create_change_set(
            StackName=self._stack,
            ChangeSetName=name,
            ChangeSetType="UPDATE" if there else "CREATE",
            TemplateURL=self._uploaded_template(template),
            Parameters=_parameters(template, given, there or {}),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
        if not self._has_changes(name):
            click.echo(f"stack {self._stack}: nothing to change")
        elif not self._is_wanted("apply these changes?"):
            self._drop(name, stack_too=there is None)
            raise AwsDeployError("nothing was changed")
        else:
            self._cloudformation.execute_change_set(StackName=self._stack, ChangeSetName=name)
            done = "stack_update_complete" if there else "stack_create_complete"
            self._cloudformation.get_waiter(done).wait(StackName=self._stack, WaiterConfig=WAIT)
        for output in (self._described() or {}).get("Outputs", []):
            click.echo(f"  output {output['OutputKey']} = {output['OutputValue']}")

    def delete(self) -> None:
        """Delete the stack, once the user has said so."""
        if self._described() is None:
            raise AwsDeployError(f"there is no stack {self._stack} in account {self._account}, {self._region}")
        for page in self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self._stack):
            for resource in page["StackResourceSummaries"]:
                click.echo(f"  Remove  {resource['ResourceType']:<28}  {resource['LogicalResourceId']}")
        if not self._is_wanted("delete the stack?"):
            raise AwsDeployError("nothing was deleted")
        self._cloudformation.delete_stack(StackName=self._stack)
        self._cloudformation.get_waiter("stack_delete_complete").wait(StackName=self._stack, WaiterConfig=WAIT)
        click.echo(f"stack {self._stack} is deleted")

    def why_it_failed(self) -> str:
        """The reason of the first resource that failed in the last change of the stack."""
        newest_first = self._cloudformation.describe_stack_events(StackName=self._stack)["StackEvents"]
        events = takewhile(lambda event: event.get("ResourceStatusReason") != "User Initiated", newest_first)
        failed = [event for event in events if str(event["ResourceStatus"]).endswith("_FAILED")]
        return f"{failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason', '')}" if failed else ""

    def _described(self) -> dict[str, Any] | None:
        """The stack; None where there is none, or only a change set of a stack to be."""
        pages = self._cloudformation.get_paginator("describe_stacks").paginate()
        found = [stack for page in pages for stack in page["Stacks"] if stack["StackName"] == self._stack]
        return found[0] if found and found[0]["StackStatus"] != "REVIEW_IN_PROGRESS" else None

    def _make_bucket(self) -> None:
        buckets = [bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]]
        if self._bucket not in buckets:
            elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
            self._s3.create_bucket(Bucket=self._bucket, **({} if self._region == "us-east-1" else elsewhere))

    def _uploaded_template(self, template: Template) -> str:
        """Upload the template, with the URIs of its local files in their places; its URL."""
        document = copy.deepcopy(dict(template.document))
        for resource in document["Resources"].values():
            if "Properties" in resource:
                resource["Properties"] = with_local_files(
                    resource["Type"], resource["Properties"], template.folder, self._upload
                )
        key = self._upload("template.json", json.dumps(document).encode()).split("/", 3)[3]
        return f"https://{self._bucket}.s3.{self._region}.amazonaws.com/{key}"

    def _upload(self, name: str, content: bytes) -> str:
        """Put a file into the account's bucket; one that others have made under its name is refused."""
        key = f"{self._stack}/{hashlib.sha256(content).hexdigest()[:16]}/{name}"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=content, ExpectedBucketOwner=self._account)
        return f"s3://{self._bucket}/{key}"

    def _has_changes(self, change_set: str) -> bool:
        """Print what a change set would do; False where that is nothing."""
        from botocore.exceptions import WaiterError

        which = {"StackName": self._stack, "ChangeSetName": change_set}
        try:
            self._cloudformation.get_waiter("change_set_create_complete").wait(**which, WaiterConfig=WAIT)
        except WaiterError:
            reason = self._cloudformation.describe_change_set(**which).get("StatusReason", "")
            self._cloudformation.delete_change_set(**which)
            if any(text in reason for text in NO_CHANGES):
                return False
            raise AwsDeployError(f"{self._stack}: {reason}") from None
        click.echo(f"stack {self._stack} in account {self._account}, {self._region}")
        for page in self._cloudformation.get_paginator("describe_change_set").paginate(**which):
            for change in page["Changes"]:
                about = change["ResourceChange"]
                again = "  made anew" if about.get("Replacement") == "True" else ""
                click.echo(f"  {about['Action']:<6}  {about['ResourceType']:<28}  {about['LogicalResourceId']}{again}")
        return True

    def _is_wanted(self, question: str) -> bool:
        return self._confirmed or click.confirm(question)

    def _drop(self, change_set: str, *, stack_too: bool) -> None:
        self._cloudformation.delete_change_set(StackName=self._stack, ChangeSetName=change_set)
        if stack_too:
            self._cloudformation.delete_stack(StackName=self._stack)


def _parameters(template: Template, given: Mapping[str, str], there: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Values as given; what is not given keeps the stack's value, or gets the template's default."""
    kept = {parameter["ParameterKey"] for parameter in there.get("Parameters", [])} & set(template.parameters)
    values: list[dict[str, Any]] = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    return values + [{"ParameterKey": name, "UsePreviousValue": True} for name in kept - set(given)]
