"""The engine as Athena's API drives it: text out, bytes told, cancelled in the middle."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sql_lake import LAZY, SqlLake

from lakebox.athena.duckdb_session import Session
from lakebox.athena.engine import SqlError
from lakebox.athena.service.statement import ResultColumn, Statement, StatementError, StatementResult


class Follower:
    """A control that keeps what it is told; above `limit` bytes a statement must end."""

    def __init__(self, limit: int = 10**9) -> None:
        self.bytes: list[int] = []
        self.stop: Callable[[], None] | None = None
        self._limit = limit

    def on_cancel(self, stop: Callable[[], None]) -> None:
        self.stop = stop

    def scanned(self, total_bytes: int) -> None:
        self.bytes.append(total_bytes)
        if total_bytes > self._limit:
            raise StatementError("Bytes scanned limit was exceeded", "QUERY_LIMIT")


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    lake = SqlLake(tmp_path / "lake")
    lake.table("t", {"n": "int", "s": "string"}, serde=LAZY, given={"field.delim": ","})
    lake.write("t/a.csv", "1,a\n2,\\N\n")
    return lake


def run(lake: SqlLake, sql: str, follower: Follower, catalog: str = "AwsDataCatalog") -> StatementResult:
    statement = Statement(sql, "ai_lakehouse_db", catalog, "s3://bucket/results/tables/1/")
    return lake.engine.execute(statement, follower)


def test_rows_are_text_as_athena_prints_it(lake: SqlLake) -> None:
    follower = Follower()
    result = run(
        lake,
        "SELECT n, s, n / 2e0 AS half, ARRAY[n] AS l, TIMESTAMP '2024-01-01 10:00:00' AS at FROM t ORDER BY n",
        follower,
    )
    assert list(result.rows) == [
        ("1", "a", "0.5", "[1]", "2024-01-01 10:00:00.000"),
        ("2", None, "1.0", "[2]", "2024-01-01 10:00:00.000"),
    ]
    assert [column.type for column in result.columns] == ["integer", "varchar", "double", "array", "timestamp"]
    assert (follower.bytes[-1], result.manifest, result.update_count) == (9, None, None)


def test_writes_tell_their_rows_and_files(lake: SqlLake) -> None:
    follower = Follower()
    made = run(lake, "CREATE TABLE u AS SELECT * FROM t", follower)
    assert made.columns == (ResultColumn("rows", "bigint", 19),)
    assert (list(made.rows), made.update_count, follower.bytes[-1]) == ([], 2, 9)
    (uri,) = made.manifest or ()
    assert uri.startswith("s3://bucket/results/tables/1/")
    assert lake.rows("SELECT count(*) FROM u") == [(2,)]
    dropped = run(lake, "DROP TABLE u", follower)
    assert (list(dropped.columns), list(dropped.rows), dropped.manifest) == ([], [], None)


def test_show_columns_is_padded_for_the_result_file(lake: SqlLake) -> None:
    assert list(run(lake, "SHOW COLUMNS IN t", Follower()).rows) == [("n".ljust(20),), ("s".ljust(20),)]


def test_a_limit_of_bytes_ends_a_statement(lake: SqlLake) -> None:
    with pytest.raises(StatementError, match="Bytes scanned limit"):
        run(lake, "CREATE TABLE u AS SELECT * FROM t", Follower(limit=5))
    assert lake.rows("SHOW TABLES") == [("t",)]
    with pytest.raises(StatementError, match="Bytes scanned limit"):
        list(run(lake, "SELECT * FROM t", Follower(limit=5)).rows)


def test_a_failed_query_tells_what_it_has_read(lake: SqlLake) -> None:
    follower = Follower()
    with pytest.raises(SqlError, match="Cannot cast"):
        list(run(lake, "SELECT CAST(s AS int) FROM t", follower).rows)
    assert follower.bytes == [9]


def test_a_cancelled_query_stops(lake: SqlLake) -> None:
    class Impatient(Follower):
        def on_cancel(self, stop: Callable[[], None]) -> None:
            super().on_cancel(stop)
            stop()

    numbers = " CROSS JOIN ".join(f"(VALUES {', '.join(map(str, range(100)))}) v{number} (x)" for number in range(6))
    with pytest.raises(SqlError, match="was cancelled"):
        list(run(lake, f"SELECT sum(v0.x * v5.x) FROM {numbers}", Impatient()).rows)


def test_another_catalog_is_refused(lake: SqlLake) -> None:
    with pytest.raises(SqlError, match="Catalog 'mysql' does not exist"):
        run(lake, "SELECT 1", Follower(), "mysql")


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM t WHERE n = ?", "INSERT INTO t SELECT ?, 'x'", "SHOW TABLES", "SELECT nope FROM nope"]
)
def test_a_statement_is_checked_by_its_words_only(lake: SqlLake, sql: str) -> None:
    lake.engine.check(sql)


@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT FROM WHERE", "", "SHOW FOO", "CREATE TABEL x (a int)", "SELECT 1; SELECT 2"]
)
def test_what_is_no_statement_is_refused_at_once(lake: SqlLake, sql: str) -> None:
    with pytest.raises(SqlError) as caught:
        lake.engine.check(sql)
    assert caught.value.name == "SYNTAX_ERROR"


class Cancelled(Follower):
    """A control whose statement is cancelled already."""

    def on_cancel(self, stop: Callable[[], None]) -> None:
        stop()


def test_a_cancel_while_tables_are_registered_cancels(lake: SqlLake, monkeypatch: pytest.MonkeyPatch) -> None:
    register = Session._register

    def slowly(session: Session, *given: Any) -> None:
        session.connection.execute("SELECT count(*) FROM range(10000000000) a, range(1000) b")
        register(session, *given)

    monkeypatch.setattr(Session, "_register", slowly)
    with pytest.raises(SqlError) as refused:
        run(lake, "SELECT * FROM t", Cancelled())
    assert refused.value.name == "USER_CANCELED"


def test_queries_import_no_ddl(tmp_path: Path) -> None:
    script = (
        "import sys; from lakebox.athena.duckdb_engine import DuckDbEngine; engine = DuckDbEngine({}, sys.argv[1]);"
        "engine.check('SELECT 1'); engine.query('SELECT 1'); print([m for m in sys.modules if 'statements.ddl' in m])"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
