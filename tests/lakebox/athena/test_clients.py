"""AWS's clients as they are, in an environment of their own: the lines of docs/clients.md against a served lake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from client_lines import Block, block, blocks, dbt_builds, define_events, environment_of, python_failures, shell

from lakebox.api.serve import Serving, serving
from lakebox.endpoint.keys import variables

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A lake with one table of two rows."""
    root = tmp_path_factory.mktemp("lake")
    folder = root / "ai-lakehouse-project" / "events"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"event_type": ["click", "click"]}), folder / "a.parquet")  # type: ignore[no-untyped-call]
    with serving(str(root)) as endpoint:
        own = {"aws_access_key_id": endpoint.keys.access_key, "aws_secret_access_key": endpoint.keys.secret_key}
        glue: Any = boto3.client("glue", endpoint_url=endpoint.url, region_name="us-east-1", **own)
        glue.create_database(DatabaseInput={"Name": "ai_lakehouse_db"})
        define_events(glue, "s3://ai-lakehouse-project/events/")
        yield endpoint


@pytest.fixture(scope="module")
def environment(served: Serving, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The shell of a user who has done `eval "$(lakebox env)"`."""
    return environment_of(variables(served.keys, served.url), tmp_path_factory.mktemp("user") / "home")


@pytest.fixture(scope="module")
def failed(environment: dict[str, str]) -> dict[str, str]:
    """What failed of the clients in Python."""
    return python_failures(environment)


@pytest.mark.parametrize(
    "one", [one for one in blocks() if one.language in ("python", "uri")], ids=lambda one: one.client
)
def test_the_lines_of_a_client_work(failed: dict[str, str], one: Block) -> None:
    assert failed.get(one.client) is None


def test_the_aws_cli_works(environment: dict[str, str], tmp_path: Path) -> None:
    assert shell(block("AWS CLI", "sh"), environment, tmp_path).split() == ["one", "1"]


def test_dbt_builds_twice_by_two_variables(failed: dict[str, str], environment: dict[str, str], tmp_path: Path) -> None:
    assert "awswrangler writes a table" not in failed  # it makes the bucket
    dbt_builds(environment, tmp_path)
