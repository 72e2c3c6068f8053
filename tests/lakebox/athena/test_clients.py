"""AWS's clients as they are, in an environment of their own: the lines of docs/clients.md against a served lake."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from client_lines import Block, blocks, dbt_project, environment_of, failures_of, shell

from lakebox.api.serve import Serving, serving
from lakebox.endpoint.keys import variables

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

CHECKS = {
    "boto3": """
import time
while state in ("QUEUED", "RUNNING"):
    time.sleep(0.05)
    execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    state = execution["Status"]["State"]
assert state == "SUCCEEDED"
""",
    "awswrangler": """
assert df["event_type"].tolist() == plain["event_type"].tolist() == ["click", "click"]
assert list(tables["Table"]) == ["silver_user_events"]
""",
    "awswrangler writes a table": """
assert unloaded.equals(df)
assert wr.catalog.get_table_types(database="ai_lakehouse_db", table="copy") == {"event_type": "string"}
""",
    "awswrangler writes Iceberg": """
wr.athena.to_iceberg(df, database="ai_lakehouse_db", table="iceberg_copy", **place)
count = "SELECT count(*) AS n FROM iceberg_copy"
assert wr.athena.read_sql_query(count, database="ai_lakehouse_db", ctas_approach=False)["n"].tolist() == [4]
""",
    "PyAthena": "assert rows == [('click', 2)]",
    "PyAthena with pandas": "assert df['one'].tolist() == [1]",
    "SQLAlchemy": "assert 'silver_user_events' in tables",
}
SUPERSET = """
from sqlalchemy import create_engine, inspect, text
engine = create_engine({uri!r})
seen = inspect(engine)
assert seen.get_schema_names() == ["ai_lakehouse_db"]
assert "silver_user_events" in seen.get_table_names("ai_lakehouse_db")
assert seen.get_view_names("ai_lakehouse_db") == []
assert [column["name"] for column in seen.get_columns("silver_user_events", "ai_lakehouse_db")] == ["event_type"]
chart = '''SELECT event_type AS event_type, COUNT(*) AS "count"
FROM (SELECT * FROM silver_user_events) AS virtual_table
GROUP BY event_type ORDER BY "count" DESC LIMIT 1001'''
with engine.connect() as connection:
    assert connection.execute(text(chart)).fetchall() == [("click", 2)]
"""


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
        storage = {
            "Columns": [{"Name": "event_type", "Type": "string"}],
            "Location": "s3://ai-lakehouse-project/events/",
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }
        table = {"Name": "silver_user_events", "StorageDescriptor": storage, "TableType": "EXTERNAL_TABLE"}
        glue.create_table(DatabaseName="ai_lakehouse_db", TableInput=table)
        yield endpoint


@pytest.fixture(scope="module")
def environment(served: Serving, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The shell of a user who has done `eval "$(lakebox env)"`."""
    return environment_of(variables(served.keys, served.url), tmp_path_factory.mktemp("user") / "home")


def block(client: str, language: str) -> str:
    (found,) = [one.lines for one in blocks() if (one.client, one.language) == (client, language)]
    return found


@pytest.fixture(scope="module")
def failed(environment: dict[str, str]) -> dict[str, str]:
    """What failed of the clients in Python."""
    scripts = [(one.client, f"{one.lines}\n{CHECKS[one.client]}") for one in blocks() if one.language == "python"]
    return failures_of([*scripts, ("Superset", SUPERSET.format(uri=block("Superset", "uri").strip()))], environment)


@pytest.mark.parametrize(
    "one", [one for one in blocks() if one.language in ("python", "uri")], ids=lambda one: one.client
)
def test_the_lines_of_a_client_work(failed: dict[str, str], one: Block) -> None:
    assert failed.get(one.client) is None


def test_the_aws_cli_works(environment: dict[str, str], tmp_path: Path) -> None:
    assert shell(block("AWS CLI", "sh"), environment, tmp_path).split() == ["one", "1"]


def test_dbt_builds_twice_by_two_variables(failed: dict[str, str], environment: dict[str, str], tmp_path: Path) -> None:
    assert "awswrangler writes a table" not in failed  # it makes the bucket
    own = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    lines = block("dbt", "sh").replace("http://127.0.0.1:4566", environment["AWS_ENDPOINT_URL"])
    said = shell(lines, own, dbt_project(tmp_path, block("dbt", "yaml")))
    assert re.findall(r"PASS=(\d+) WARN=(\d+) ERROR=(\d+) SKIP=(\d+)", said) == [("14", "0", "0", "0")] * 2
    assert re.findall(r"order_log .*?OK (\d+)", re.sub(r"\x1b\[\d+m", "", said)) == ["4", "0"]
