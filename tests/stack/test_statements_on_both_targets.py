"""The same statements by Athena's API on the embedded target and on the stack: equal answers, errors and catalogs."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from job_sandbox import PATIENCE_S
from stack.api_target import BUCKET, Target, embedded_target, stack_target
from stack.running_stack import Stack
from stack.statements import FILES, STATEMENTS

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

DATABASE = "statements_db"
CLOCK = ("transient_lastDdlTime", "metadata_location", "previous_metadata_location",
         "current-snapshot-id", "current-snapshot-timestamp-ms")  # fmt: skip
Outcome = dict[str, Any]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The API over a folder."""
    with embedded_target(tmp_path_factory.mktemp("lake")) as target:
        yield target


@pytest.fixture
def targets(embedded: Target, stack: Stack) -> list[Target]:
    """Both targets, with the files and an empty database."""
    found = [embedded, stack_target(stack)]
    for target in found:
        target.start_over()
        target.glue.create_database(DatabaseInput={"Name": DATABASE})
        for key, content in FILES.items():
            target.s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return found


def run(target: Target, sql: str) -> Outcome:
    """What a client learns of a statement: its kind, its end, columns, rows, and what it left."""
    athena = target.athena
    try:
        started = athena.start_query_execution(QueryString=sql, QueryExecutionContext={"Database": DATABASE})
    except athena.exceptions.InvalidRequestException as error:
        return {"sql": sql, "refused": error.response["AthenaErrorCode"]}
    execution = ended(athena, started["QueryExecutionId"])
    status = execution["Status"]
    found: Outcome = {"sql": sql, "kind": (execution["StatementType"], execution.get("SubstatementType"))}
    if status["State"] != "SUCCEEDED":
        return found | {"error": status["AthenaError"]["ErrorType"], "place": place(status["StateChangeReason"])}
    answer = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    columns = [(one["Name"], one["Type"]) for one in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in answer["ResultSet"]["Rows"]]
    has_manifest = "DataManifestLocation" in execution["Statistics"]
    return found | {"columns": columns, "rows": without_clock(rows), "count": answer.get("UpdateCount"),
                    "manifest": has_manifest}  # fmt: skip


def ended(athena: Any, query_id: str) -> Any:
    """A query at its end."""
    pause = threading.Event()
    for _ in range(PATIENCE_S * 10):
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return execution
        pause.wait(0.1)
    raise AssertionError(f"{execution['Query']} is {execution['Status']['State']} after {PATIENCE_S} s")


def place(reason: str) -> str:
    """`line 2:3` where a message says so, and its first word, such as TABLE_NOT_FOUND."""
    found = re.search(r"line \d+:\d+", reason)
    return f"{reason.partition(':')[0]} {found[0] if found else ''}".strip()


def without_clock(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows without what differs from one second to the next."""
    return [row for row in rows if not re.search(r"transient_lastDdlTime|uuid|metadata_location", str(row))]


def registered(target: Target) -> list[Any]:
    """What the catalog holds of each table, and the values of its partitions."""
    found = []
    for table in target.glue.get_tables(DatabaseName=DATABASE)["TableList"]:
        storage = table["StorageDescriptor"]
        partitions = target.glue.get_partitions(DatabaseName=DATABASE, TableName=table["Name"])["Partitions"]
        is_plain = table["TableType"] != "VIRTUAL_VIEW" and "table_type" not in table.get("Parameters", {})
        found.append({
            "name": table["Name"],
            "type": table["TableType"],
            "columns": [(one["Name"], one["Type"], one.get("Comment")) for one in storage["Columns"]],
            "keys": [(one["Name"], one["Type"]) for one in table.get("PartitionKeys", [])],
            "parameters": {key: value for key, value in table.get("Parameters", {}).items() if key not in CLOCK},
            "storage": [storage.get(key) for key in ("Location", "InputFormat", "SerdeInfo")] if is_plain else None,
            "partitions": sorted((one["Values"], one["StorageDescriptor"]["Location"].rstrip("/")) for one in partitions),
        })  # fmt: skip
    return found


@pytest.mark.parametrize("about", STATEMENTS)
def test_both_targets_answer_alike(targets: list[Target], about: str) -> None:
    embedded, stack = ([run(target, sql) for sql in STATEMENTS[about]] for target in targets)
    assert [pair for pair in zip(embedded, stack, strict=True) if pair[0] != pair[1]] == []
    assert registered(targets[1]) == registered(targets[0])
