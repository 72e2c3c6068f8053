"""`LAKEBOX_TARGET=aws lakebox run` and `crawl`: the same workflow and crawlers, in the AWS account of the environment.

The stack `lakehouse`, as `LAKEBOX_TARGET=aws lakebox deploy` makes it, says where the lake is. Credentials and region
are those of any AWS client.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from lakebox.flow.client import Flow
from lakebox.flow.errors import FlowError
from lakebox.progress import RunScreen
from lakebox.settings import LAKEHOUSE, Settings
from lakebox.steps import job_arguments

POLL_S = 5.0
ADVICE = "; `aws sts get-caller-identity` tells whether your credentials work"
NO_STACK = f"this account has no stack {LAKEHOUSE.stem} in this region; make it: LAKEBOX_TARGET=aws lakebox deploy"


def run(raw: str | None, mapping: str | None, training_date: str | None) -> None:
    """Run the workflow in AWS to its end, with the raw files of the stack's parameter RawUri unless others are named.

    Raises FlowError where there is no stack, or the run fails.
    """
    for flag, uri in (("--raw", raw), ("--mapping", mapping)):
        if uri is not None and not uri.startswith("s3://"):
            raise FlowError(f"{flag} {uri}: jobs on AWS read S3 alone; put it into a bucket, and name s3://…", 2)
    lake = _outputs()["Lake"]
    settings = Settings("aws", lake, raw or "", mapping)
    arguments = replace(job_arguments(settings, datetime.now(UTC), training_date), raw_uri=raw)
    with RunScreen() as screen:
        ended = _flow().run(arguments, screen.progress)
    if all(step.outcome.skipped for step in ended.steps):
        click.echo(f"Nothing new: the lake at {lake} is up to date.")
    else:
        click.echo(f"Gold snapshot of {ended.training_date} in {lake}. Ask Athena for gold_user_features.")


def crawl(name: str | None) -> None:
    """Start the stack's crawlers, or any one, and print what each has changed. Raises FlowError where one fails."""
    for line in _flow().crawled(*([name] if name else _crawlers())):
        click.echo(line)


def _flow() -> Flow:
    try:
        return Flow(boto3.client("glue"), POLL_S)
    except BotoCoreError as error:  # no region
        raise FlowError(str(error)) from None


def _outputs() -> Mapping[str, str]:
    """What the stack says of itself."""
    stacks = {stack["StackName"]: stack for stack in _told("describe_stacks", "Stacks")}
    outputs = stacks.get(LAKEHOUSE.stem, {}).get("Outputs", [])
    if not outputs:
        raise FlowError(NO_STACK)
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def _crawlers() -> list[str]:
    """The names of the stack's crawlers: others of the account are nobody's business here."""
    resources = _told("list_stack_resources", "StackResourceSummaries", StackName=LAKEHOUSE.stem)
    found = [made["PhysicalResourceId"] for made in resources if made["ResourceType"] == "AWS::Glue::Crawler"]
    if not found:
        raise FlowError(NO_STACK)
    return found


def _told(operation: str, field: str, **arguments: str) -> list[dict[str, Any]]:
    """All that an operation of CloudFormation lists."""
    try:
        pages: Any = boto3.client("cloudformation").get_paginator(operation).paginate(**arguments)
        return [listed for page in pages for listed in page[field]]
    except ClientError as error:
        if "does not exist" in str(error):
            raise FlowError(NO_STACK) from None
        raise FlowError(f"{error}{ADVICE}") from None
    except BotoCoreError as error:
        raise FlowError(f"{error}{ADVICE}") from None
