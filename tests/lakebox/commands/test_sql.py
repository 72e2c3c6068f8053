"""The verb `sql`: a client of Athena's API in its own process, with a prompt on a terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pytest
from commands import LAKEBOX, lakebox
from sql_lake import SqlLake

from lakebox.api.embedded_queries import athena_operations
from lakebox.commands.sql_completion import Completer
from lakebox.settings import whole_environment

PATIENCE_S = 120


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with one table of three rows."""
    made = SqlLake(tmp_path_factory.mktemp("sql") / "lake")
    (made.folder / "ai-lakehouse-project").mkdir()
    made.write(
        "clicks/a.parquet", pa.table({"user_id": ["a", "b", None], "clicks": [1, 2, 3], "rate": [0.5, 1e10, None]})
    )
    made.table("clicks", {"user_id": "string", "clicks": "bigint", "rate": "double"})
    return made.folder


def test_several_statements_share_one_command(lake: Path) -> None:
    text = """CREATE TABLE twice WITH (external_location = 's3://bucket/twice/') AS
    SELECT user_id, 2 * clicks AS n FROM clicks;
    -- a comment; with a semicolon
    SELECT * FROM twice ORDER BY n; SHOW TABLES; DESCRIBE twice; DROP TABLE twice"""
    done = lakebox("sql", text, "--lake", str(lake), "--format", "csv")
    assert done.stdout == (
        'rows\n3\nuser_id,n\na,2\nb,4\n,6\ntab_name\nclicks\ntwice\ncol_name,data_type,comment\nuser_id,string,""\nn,bigint,""\n'
    ), done.stderr
    costs = [line.split(",")[0] for line in done.stderr.splitlines()]
    assert costs == ["1 row", "3 rows", "2 rows", "2 rows", "0 rows"]


def test_json_has_numbers_booleans_and_nulls(lake: Path) -> None:
    more = "clicks > 1 AS many, CAST('1.50' AS decimal(3, 2)) AS d, '' AS e, nan() AS x"
    query = f"SELECT *, {more} FROM clicks ORDER BY clicks"
    done = lakebox("sql", query, "--lake", str(lake), "--format", "json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"user_id": "a", "clicks": 1, "rate": 0.5, "many": False, "d": 1.5, "e": "", "x": "NaN"},
        {"user_id": "b", "clicks": 2, "rate": 1e10, "many": True, "d": 1.5, "e": "", "x": "NaN"},
        {"user_id": None, "clicks": 3, "rate": None, "many": True, "d": 1.5, "e": "", "x": "NaN"},
    ]
    assert '"d": 1.50,' in done.stdout


def test_a_file_ends_where_a_statement_fails(lake: Path, tmp_path: Path) -> None:
    file = tmp_path / "statements.sql"
    file.write_text("SELECT 1 AS one;\n\nSELECT nope FROM clicks;\nSELECT 2 AS two;\n")
    done = lakebox("sql", "--file", str(file), "--lake", str(lake), "--format", "csv")
    assert (done.returncode, done.stdout) == (1, "one\n1\n")
    assert "the statement on line 3: COLUMN_NOT_FOUND: line 1:8: Column 'nope'" in done.stderr.splitlines()[-1]


def test_queries_lists_what_sql_ran(lake: Path) -> None:
    lakebox("sql", "SELECT count(DISTINCT user_id) AS users FROM clicks", "--lake", str(lake))
    lakebox("sql", "SELECT broken FROM clicks", "--lake", str(lake))
    listed = lakebox("queries", "--lake", str(lake)).stdout
    told = [re.findall(r"SUCCEEDED|FAILED|\$[\d.]+", line) for line in listed.splitlines() if "primary" in line]
    assert told[:2] == [["FAILED", "$0.000000"], ["SUCCEEDED", "$0.000050"]]
    assert re.search(r"primary: \d+ queries, [\d,]+ bytes scanned, Athena price \$0\.00", listed)


def test_a_statement_or_a_file_not_both(lake: Path) -> None:
    for arguments in ((), ("SELECT 1", "--file", "-")):
        done = lakebox("sql", *arguments, "--lake", str(lake))
        assert (done.returncode, done.stdout) == (2, "")
        assert "give a statement" in done.stderr


def test_names_and_keywords_are_completed(lake: Path) -> None:
    with athena_operations(str(lake)) as athena:
        complete = Completer(athena, "ai_lakehouse_db").completions
        assert complete("SEL", "SEL") == ["SELECT"]
        assert complete("cl", "SELECT cl") == ["clicks"]
        assert complete("us", "SELECT us") == ["user_id", "using"]
        assert complete("clicks.u", "SELECT clicks.u") == ["clicks.user_id"]
        assert complete("c.ra", "SELECT * FROM clicks c WHERE c.ra") == ["c.rate"]
        assert complete("ai_lakehouse_db.", "FROM ai_lakehouse_db.") == ["ai_lakehouse_db.clicks"]


class Terminal:
    """`lakebox sql` on a terminal of 24 lines, without a pager of its own."""

    def __init__(self, lake: Path, home: Path) -> None:
        self.master, terminal = pty.openpty()
        environment = whole_environment() | {
            "XDG_CACHE_HOME": str(home),
            "PAGER": "cat",
            "TERM": "xterm",
            "COLUMNS": "100",
        }
        command = [*LAKEBOX, "sql", "--lake", str(lake)]
        self.process = subprocess.Popen(
            command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment, start_new_session=True
        )
        os.close(terminal)
        self.screen = ""

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.master, text.encode())

    def wait_for(self, text: str) -> str:
        """What is printed up to a text, and taken off the screen."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.screen:
            assert time.monotonic() < deadline, f"no {text!r} in {self.screen!r}"
            if select.select([self.master], [], [], 1)[0]:
                self.screen += os.read(self.master, 65536).decode()
        before, _, self.screen = self.screen.partition(text)
        return before


def test_the_prompt_completes_answers_and_remembers(lake: Path, tmp_path: Path) -> None:
    terminal = Terminal(lake, tmp_path)
    terminal.wait_for("lakebox> ")
    terminal.type("SELECT user_id FROM cli\t\nWHERE clicks = 2;\n")
    assert "│ b       │" in terminal.wait_for("1 row, ")
    terminal.wait_for("lakebox> ")
    terminal.type("SELECT nope;\n")
    terminal.wait_for("lakebox: ")
    terminal.wait_for("lakebox> ")
    many = "UNNEST(sequence(1, 10000))"
    long = f"SELECT count(*) FROM {many} AS a(x) CROSS JOIN {many} AS b(y), clicks c, clicks d;"
    terminal.type(f"{long}\n")
    terminal.wait_for("\n")
    time.sleep(0.5)
    os.killpg(terminal.process.pid, signal.SIGINT)
    terminal.wait_for("lakebox> ")
    terminal.type("exit\n")
    assert terminal.process.wait(PATIENCE_S) == 0
    history = (tmp_path / "lakebox" / "sql_history").read_text()
    assert "SELECT user_id FROM clicks WHERE clicks = 2;\nSELECT nope;\n" in history
