"""docs/stack-sql.md: its table of differences is what the code says."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_table_of_differences_is_true() -> None:
    page = (DOCS / "stack-sql.md").read_text(encoding="utf-8")
    assert page == runpy.run_path(str(DOCS / "difference_table.py"))["with_table"](page)
