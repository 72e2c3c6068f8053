"""The embedded engine answers what the stack's Trino answers: statements of a grammar, over the same Parquet files."""

import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from athena_grammar import ITEMS, OTHERS, items, others, statements
from athena_oracle import Answer, Ask, compared, embedded_answer
from sql_lake import SqlLake
from stack.running_stack import DATABASE, LAKE, PORTS, Stack
from stack.trino_client import TrinoError, query_with_types

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

TABLES = {"items": (ITEMS, items()), "others": (OTHERS, others())}
TRINOS = {"int": "integer", "float": "real", "string": "varchar", "timestamp": "timestamp(3)",
          "array<int>": "array(integer)", "array<string>": "array(varchar)", "map<string,int>": "map(varchar, integer)",
          "struct<x:int,y:string>": "row(x integer, y varchar)"}  # fmt: skip
CATALOG, SCHEMA = DATABASE.split(".")
# Athena's timestamps have milliseconds.
SETTINGS = {"User": "lakebox", "Catalog": CATALOG, "Schema": SCHEMA, "Time-Zone": "UTC",
            "Session": f"{CATALOG}.timestamp_precision=MILLISECONDS"}  # fmt: skip


def trino_answer(port: int, settings: dict[str, str]) -> Ask:
    """Asks a Trino."""

    def ask(sql: str) -> Answer:
        try:
            return Answer(*query_with_types(port, sql, settings))
        except TrinoError as error:
            return Answer(error=str(error))

    return ask


@pytest.fixture(scope="module")
def engines(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ask, Ask]]:
    """The embedded engine and Trino, each with the two tables."""
    stack.start_over()
    trino, lake = trino_answer(PORTS["LAKEBOX_TRINO_PORT"], SETTINGS), embedded_lake(tmp_path_factory.mktemp("lake"))
    for name, (columns, rows) in TABLES.items():
        content = io.BytesIO()
        pq.write_table(rows, content, compression="snappy")
        stack.s3("jobs").put_object(Bucket=LAKE, Key=f"gold/oracle_{name}/part.parquet", Body=content.getvalue())
        made = trino(create_table(name, columns, f"s3://{LAKE}/gold/oracle_{name}/"))
        assert not made.error
    yield embedded_answer(lake.query), trino
    for name in TABLES:
        trino(f"DROP TABLE {name}")
    stack.start_over()


def embedded_lake(folder: Path) -> SqlLake:
    """A lake with the two tables."""
    lake = SqlLake(folder)
    for name, (columns, rows) in TABLES.items():
        lake.table(name, columns)
        lake.write(f"{name}/part.parquet", rows)
    return lake


def create_table(name: str, columns: dict[str, str], location: str) -> str:
    """Trino's statement for a table over files that are there."""
    listed = ", ".join(f"{column} {TRINOS.get(kind, kind)}" for column, kind in columns.items())
    return f"CREATE TABLE {name} ({listed}) WITH (external_location = '{location}', format = 'PARQUET')"


def test_made_statements_are_answered_as_trino_answers(engines: tuple[Ask, Ask]) -> None:
    outcome = compared(statements(20261126, 500), *engines)
    assert outcome.different == []
    assert outcome.counts["refused"] <= 25, outcome.refusals
    assert outcome.counts["equal"] >= 440, outcome.counts


@pytest.mark.long
@pytest.mark.timeout(14400)
def test_twenty_thousand_made_statements_are_answered_as_trino_answers(engines: tuple[Ask, Ask]) -> None:
    outcome = compared(chain.from_iterable(statements(seed, 1000) for seed in range(20)), *engines)
    assert outcome.different == []
    assert outcome.counts["refused"] <= 1000, outcome.refusals
