"""Athena's queries on the stack, asked of its API."""

from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lakebox.api.stack_runs import StackRunError, user_keys

BATCH = 50


def executions(api_url: str) -> list[dict[str, Any]]:
    """All queries of all workgroups, the newest first. Raises StackRunError where the API does not answer."""
    keys = user_keys()
    athena: Any = boto3.client(
        "athena",
        endpoint_url=api_url,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
    )
    found: list[dict[str, Any]] = []
    try:
        listed = athena.get_paginator("list_query_executions")
        for workgroup in athena.list_work_groups()["WorkGroups"]:
            for page in listed.paginate(WorkGroup=workgroup["Name"], PaginationConfig={"PageSize": BATCH}):
                ids = page["QueryExecutionIds"]
                found += athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"] if ids else []
    except (ClientError, BotoCoreError) as error:
        raise StackRunError(f"{error}; `lakebox status` tells whether the stack is well") from None
    return sorted(found, key=lambda one: one["Status"]["SubmissionDateTime"], reverse=True)
