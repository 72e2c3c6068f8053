"""AWS's clients as they are, against the stack: the lines of docs/clients.md, with the variables of `lakebox env`."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from client_lines import Block, block, blocks, dbt_builds, define_events, environment_of, python_failures, shell
from readme_story import assert_told
from stack.api_target import BUCKET, Target, stack_target
from stack.running_stack import Stack

from lakebox.endpoint.keys import Keys, variables

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(1800)]

MADE = ("silver_user_events", "copy", "iceberg_copy")


@pytest.fixture(scope="module")
def target(stack: Stack) -> Iterator[Target]:
    """The stack, with the table of two rows; what the lines make is taken away."""
    stack.start_over()
    found = stack_target(stack)
    found.start_over()
    content = io.BytesIO()
    pq.write_table(pa.table({"event_type": ["click", "click"]}), content)  # type: ignore[no-untyped-call]
    found.s3.put_object(Bucket=BUCKET, Key="events/a.parquet", Body=content.getvalue())
    define_events(found.glue, f"s3://{BUCKET}/events/")
    yield found
    for name in MADE:
        found.glue.delete_table(DatabaseName="ai_lakehouse_db", Name=name)
    for table in found.glue.get_tables(DatabaseName="shop")["TableList"]:
        found.glue.delete_table(DatabaseName="shop", Name=table["Name"])
    found.glue.delete_database(Name="shop")
    delete_bucket(found.s3, "team-data")


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete a bucket with all that is in it."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for stored in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=stored["Key"])
    s3.delete_bucket(Bucket=bucket)


@pytest.fixture(scope="module")
def environment(stack: Stack, target: Target, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The shell of a user who has done `eval "$(LAKEBOX_TARGET=compose lakebox env)"`."""
    user, api = stack.credentials()["user"], f"http://127.0.0.1:{stack.environment['LAKEBOX_API_PORT']}"
    s3 = {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{stack.environment['LAKEBOX_MINIO_PORT']}"}
    keys = Keys(user["aws_access_key_id"], user["aws_secret_access_key"])
    return environment_of(variables(keys, api) | s3, tmp_path_factory.mktemp("user") / "home")


@pytest.fixture(scope="module")
def failed(environment: dict[str, str]) -> dict[str, str]:
    """What failed of the clients in Python."""
    return python_failures(environment)


@pytest.mark.parametrize(
    "one", [one for one in blocks() if one.language in ("python", "uri")], ids=lambda one: one.client
)
def test_the_lines_work_on_the_stack(failed: dict[str, str], one: Block) -> None:
    assert failed.get(one.client) is None


def test_the_aws_cli_works_on_the_stack(environment: dict[str, str], tmp_path: Path) -> None:
    assert shell(block("AWS CLI", "sh"), environment, tmp_path).split() == ["one", "1"]


def test_dbt_builds_twice_on_the_stack(failed: dict[str, str], environment: dict[str, str], tmp_path: Path) -> None:
    assert "awswrangler writes a table" not in failed  # it makes the bucket
    dbt_builds(environment, tmp_path)


def test_aws_commands_tell_the_whole_story(stack: Stack, target: Target, environment: dict[str, str]) -> None:
    stack.start_over()
    stack.lakebox("deploy")
    try:
        assert_told(environment)
    finally:
        delete_bucket(target.s3, "team-raw")
        stack.start_over()
