"""`lakebox queries`: what the API has kept, as a person reads it."""

from pathlib import Path

import pytest
from athena_sandbox import ScriptedEngine, open_athena
from commands import lakebox

from lakebox.athena.service.statement import Control, Statement, StatementError, StatementResult


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake on which two queries were made: one of 20 MB, one that failed."""

    def fails(_: Statement, control: Control) -> StatementResult:
        control.scanned(20_000_000)
        raise StatementError("line 1:8: Column 'nope' cannot be resolved", "COLUMN_NOT_FOUND")

    engine = ScriptedEngine()
    engine.answers["SELECT nope"] = fails
    with open_athena(tmp_path, engine) as sandbox:
        sandbox.run("SELECT\n  1")
        sandbox.run("SELECT nope")
    return tmp_path


def test_queries_are_listed_with_their_price(lake: Path) -> None:
    done = lakebox("queries", "--lake", str(lake))
    assert (done.returncode, done.stderr) == (0, "")
    *_, table_end, total = done.stdout.splitlines()
    assert total == "primary: 2 queries, 20,000,010 bytes scanned, Athena price $0.000150"
    newest, oldest = done.stdout.index("FAILED"), done.stdout.index("SUCCEEDED")
    assert newest < oldest
    assert table_end.startswith("└")
