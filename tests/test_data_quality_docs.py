"""docs/data-quality.md: its tables are what the code says."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_tables_of_rule_types_are_true() -> None:
    page = (DOCS / "data-quality.md").read_text(encoding="utf-8")
    assert page == runpy.run_path(str(DOCS / "rule_table.py"))["with_tables"](page)
