"""Result files and pages of them: CSV, text, metadata, manifests, output locations."""

import pytest
from athena_sandbox import AthenaSandbox
from botocore.exceptions import ClientError

from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import ResultColumn, StatementResult

BASE = "s3://results/a/b"


@pytest.fixture(autouse=True)
def bucket(sandbox: AthenaSandbox) -> None:
    """The bucket of the results."""
    sandbox.s3.create_bucket(Bucket="results")


def answer(sandbox: AthenaSandbox, sql: str, result: StatementResult, location: str = BASE) -> dict[str, object]:
    """The execution of a statement that gives this result."""
    sandbox.engine.answers[sql] = lambda *_: result
    execution: dict[str, object] = sandbox.run(sql, ResultConfiguration={"OutputLocation": location})
    return execution


def test_csv_quotes_all_but_null(sandbox: AthenaSandbox) -> None:
    columns = [result_column(name, "varchar") for name in ("a", 'b"c', "d")]
    rows = [["1", None, ""], ['x"y', "line\nbreak,", "ü"]]
    execution = answer(sandbox, "SELECT 1", StatementResult(columns, rows))
    uri = f"{BASE}/{execution['QueryExecutionId']}.csv"
    assert execution["ResultConfiguration"] == {"OutputLocation": uri}
    assert sandbox.content(uri).decode() == '"a","b""c","d"\n"1",,""\n"x""y","line\nbreak,","ü"\n'
    assert sandbox.rows(execution) == [["a", 'b"c', "d"], *rows]


def test_columns_are_told_as_athena_tells_them(sandbox: AthenaSandbox) -> None:
    types = ["varchar", "varchar(3)", "decimal(10,2)", "integer", "real", "timestamp(3)", "timestamp(3) with time zone",
             "array(row(a integer))", "boolean"]  # fmt: skip
    columns = [result_column(f"c{number}", name) for number, name in enumerate(types)]
    execution = answer(sandbox, "SELECT 1", StatementResult(columns, []))
    told = sandbox.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    infos = told["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(one["Type"], one["Precision"], one["Scale"], one["CaseSensitive"]) for one in infos] == [
        ("varchar", 2147483647, 0, True),
        ("varchar", 3, 0, True),
        ("decimal", 10, 2, False),
        ("integer", 10, 0, False),
        ("float", 17, 0, False),
        ("timestamp", 3, 0, False),
        ("timestamp with time zone", 3, 0, False),
        ("array", 0, 0, False),
        ("boolean", 0, 0, False),
    ]
    common = {"CatalogName": "hive", "SchemaName": "", "TableName": "", "Nullable": "UNKNOWN"}
    assert infos[0].items() >= (common | {"Name": "c0", "Label": "c0"}).items()
    assert told["UpdateCount"] == 0


def test_metadata_has_the_columns_in_protobuf(sandbox: AthenaSandbox) -> None:
    execution = answer(sandbox, "SELECT 1", StatementResult([result_column("rows", "bigint")], []))
    query_id = str(execution["QueryExecutionId"]).encode()
    column = b'"\x22\n\x04hive"\x04rows*\x04rows2\x06bigint8\x13@\x00H\x03P\x00'
    assert sandbox.content(f"{BASE}/{query_id.decode()}.csv.metadata") == b"\n\x24" + query_id + column


def test_pages_have_the_header_once(sandbox: AthenaSandbox) -> None:
    rows = [[f'"{number}\n"'] for number in range(2500)]
    execution = answer(sandbox, "SELECT 1", StatementResult([result_column("a", "varchar")], rows))
    query_id = execution["QueryExecutionId"]
    pages = list(sandbox.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id))
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [1000, 1000, 501]
    values = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert values == ["a", *(value for (value,) in rows)]
    assert sandbox.rows(execution, MaxResults=2) == [["a"], ['"0\n"']]
    with pytest.raises(ClientError, match="NextToken 'x' is not one that an earlier page gave"):
        sandbox.rows(execution, NextToken="x")


def test_show_is_text_without_header(sandbox: AthenaSandbox) -> None:
    columns = [ResultColumn(name, "string") for name in ("col_name", "data_type")]
    execution = answer(sandbox, "DESCRIBE t", StatementResult(columns, [["a", "int"], ["b", "string"]]))
    assert (execution["StatementType"], execution["SubstatementType"]) == ("UTILITY", "DESCRIBE_TABLE")
    assert sandbox.content(f"{BASE}/{execution['QueryExecutionId']}.txt") == b"a\tint\nb\tstring"
    assert sandbox.rows(execution) == [["a\tint"], ["b\tstring"]]


def test_ddl_leaves_an_empty_text(sandbox: AthenaSandbox) -> None:
    execution = answer(sandbox, "CREATE DATABASE d", StatementResult())
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_DATABASE")
    assert sandbox.content(f"{BASE}/{execution['QueryExecutionId']}.txt") == b""
    told = sandbox.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert (told["ResultSet"]["Rows"], "UpdateCount" in told) == ([], False)


def test_a_plan_has_a_header(sandbox: AthenaSandbox) -> None:
    plan = StatementResult([result_column("Query Plan", "varchar")], [["Fragment 0"], ["  Output"]])
    execution = answer(sandbox, "EXPLAIN SELECT 1", plan)
    assert execution["StatementType"] == "DML"
    assert sandbox.rows(execution) == [["Query Plan"], ["Fragment 0"], ["  Output"]]


def test_writes_leave_a_manifest(sandbox: AthenaSandbox) -> None:
    written = ("s3://results/t/1.parquet", "s3://results/t/2.parquet")
    result = StatementResult([result_column("rows", "bigint")], (), 7, written)
    for sql, folder, kind in (
        ("CREATE TABLE t AS SELECT 1", "tables/", ("DDL", "CREATE_TABLE_AS_SELECT")),
        ("INSERT INTO t SELECT 1", "", ("DML", "INSERT")),
        ("UNLOAD (SELECT 1) TO 's3://results/t/' WITH (format = 'PARQUET')", "", ("DML", "UNLOAD")),
    ):
        execution = answer(sandbox, sql, result)
        uri = f"{BASE}/{folder}{execution['QueryExecutionId']}"
        assert (execution["StatementType"], execution["SubstatementType"]) == kind
        assert execution["ResultConfiguration"] == {"OutputLocation": uri}
        assert execution["Statistics"]["DataManifestLocation"] == f"{uri}-manifest.csv"  # type: ignore[index]
        assert sandbox.content(f"{uri}-manifest.csv").decode() == "\n".join(written) + "\n"
        told = sandbox.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        assert (told["UpdateCount"], told["ResultSet"]["Rows"]) == (7, [])


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("results/a", "outputLocation is not a valid S3 path."),
        ("s3://", "outputLocation is not a valid S3 path."),
        ("s3://none-such/", "Unable to verify/create output bucket none-such: make it first"),
        ("s3://../../etc/", "Unable to verify/create output bucket .."),
    ],
)
def test_a_wrong_output_location_is_refused(sandbox: AthenaSandbox, location: str, message: str) -> None:
    with pytest.raises(ClientError) as raised:
        sandbox.start("SELECT 1", ResultConfiguration={"OutputLocation": location})
    assert message in raised.value.response["Error"]["Message"]


def test_results_that_are_gone_are_missed(sandbox: AthenaSandbox) -> None:
    execution = answer(sandbox, "SELECT 1", StatementResult([result_column("a", "varchar")], []))
    sandbox.s3.delete_object(Bucket="results", Key=f"a/b/{execution['QueryExecutionId']}.csv")
    with pytest.raises(ClientError, match="Could not find results"):
        sandbox.rows(execution)


def test_a_location_out_of_its_bucket_fails(sandbox: AthenaSandbox) -> None:
    execution = answer(sandbox, "SELECT 1", StatementResult(), "s3://results/../../out/")
    assert execution["Status"]["State"] == "FAILED"  # type: ignore[index]
    reason = str(execution["Status"]["StateChangeReason"])  # type: ignore[index]
    assert reason.startswith("Failed to write query results to Amazon S3: a folder can't hold an object with the key")
    assert not (sandbox.root.parent / "out").exists()
