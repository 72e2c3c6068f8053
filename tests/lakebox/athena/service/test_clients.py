"""The lines of docs/clients.md, each run as they are by a process of its own against a served lake."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebox.api.serve import serving
from lakebox.endpoint.keys import variables
from lakebox.settings import whole_environment

DOCS = Path(__file__).parents[4] / "docs" / "clients.md"
BLOCKS = re.findall(r"^### (.+?)\n\n```(\w+)\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
NEEDS = {"boto3": "boto3", "AWS CLI": "awscli", "awswrangler": "awswrangler", "SQLAlchemy": "pyathena"}
WAIT = """
import time
while state in ("QUEUED", "RUNNING"):
    time.sleep(0.05)
    execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    state = execution["Status"]["State"]
assert state == "SUCCEEDED"
"""
CHECKS = {
    "boto3": WAIT,
    "awswrangler": "assert len(df) == 2 and list(tables['Table']) == ['silver_user_events']",
    "PyAthena": "assert rows == [('click', 2)]",
    "PyAthena with pandas": "assert df['one'].tolist() == [1]",
    "SQLAlchemy": "assert tables == ['silver_user_events']",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a client: a lake with one table of two rows."""
    root = tmp_path_factory.mktemp("lake")
    folder = root / "ai-lakehouse-project" / "events"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"event_type": ["click", "click"]}), folder / "a.parquet")  # type: ignore[no-untyped-call]
    with serving(str(root)) as endpoint:
        keys = endpoint.keys
        own = {"aws_access_key_id": keys.access_key, "aws_secret_access_key": keys.secret_key}
        glue = boto3.client("glue", endpoint_url=endpoint.url, region_name="us-east-1", **own)
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
        yield whole_environment() | variables(keys, endpoint.url)


@pytest.mark.parametrize(("client", "language", "lines"), BLOCKS, ids=[block[0] for block in BLOCKS])
def test_the_lines_of_a_client_work(environment: dict[str, str], client: str, language: str, lines: str) -> None:
    module = NEEDS.get(client, "pyathena")
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    if language == "sh":
        lines = lines.replace("\naws athena get-query-results", "\nsleep 5\naws athena get-query-results")
        command = ["bash", "-ec", f'PATH="{Path(sys.executable).parent}:$PATH"\n{lines}']
    else:
        command = [sys.executable, "-W", "ignore", "-c", f"import boto3\n{lines}\n{CHECKS[client]}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
