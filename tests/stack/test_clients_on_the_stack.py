"""AWS's clients as they are, against the stack: the lines of docs/clients.md, with the variables of `lakebox env`."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from client_lines import Block, block, blocks, dbt_builds, define_events, python_failures, shell
from stack.api_target import BUCKET, Target, delete_bucket, stack_target, user_environment
from stack.running_stack import Stack

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


@pytest.fixture(scope="module")
def environment(stack: Stack, target: Target, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The shell of a user."""
    return user_environment(stack, tmp_path_factory.mktemp("user") / "home")


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
