"""`lakebox report`: what the last run did, as one file, equal to what SQL and the record of runs say."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import open_browser
from click.testing import CliRunner
from lakes import TestLake, engine_over
from pyspark.sql import SparkSession

from lakebox.cli import main

pytestmark = pytest.mark.spark

HOSTILE = "<script>window.hacked=1</script>"


class Tables(HTMLParser):
    """Tables of a page by their captions, as rows of texts; and the page's facts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.facts: dict[str, str] = {}
        self._caption = self._name = self._text = ""
        self._is_body = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("figcaption", "dt", "dd", "td"):
            self._text = ""
        elif tag == "tbody":
            self._is_body = True
        elif tag == "tr" and self._is_body:
            self.tables[self._caption].append([])

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        text = self._text.strip()
        if tag == "figcaption":
            self._caption, self._is_body = text, False
            self.tables[text] = []
        elif tag == "dt":
            self._name = text
        elif tag == "dd":
            self.facts[self._name] = text
        elif tag == "td":
            self.tables[self._caption][-1].append(text)


def change(user: str, kind: str, minute: int, **more: object) -> dict[str, object]:
    return {"user_id": user, "event_type": kind, "timestamp": f"2025-06-17T10:{minute:02}:00Z", **more}


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> TestLake:
    """A lake whose second run adds one user, deletes one, changes one, leaves one, and can't read one item."""
    lake = TestLake(tmp_path_factory.mktemp("report"), spark)
    lake.write("1.jsonl", [change(user, "click", 0) for user in ("ana", "bob", "cat")])
    lake.run(training_date="2025-06-17")
    gone = change("bob", "click", 0, op="D", updated_at="2025-06-18T00:00:00Z")
    lake.write("2.jsonl", [gone, change("ana", "purchase", 1), change(HOSTILE, "click", 2), {"event_type": "click"}])
    lake.run(training_date="2025-06-18")
    engine_over(lake.lake)  # so that the catalog follows
    return lake


@pytest.fixture(scope="module")
def report(two_runs: TestLake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "report.html"
    done = CliRunner().invoke(main, ["report", "--lake", str(two_runs.folder), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert out.as_uri() in done.output
    return out


def test_the_report_says_what_the_run_did(report: Path) -> None:
    page = Tables(report.read_text(encoding="utf-8"))
    steps = page.tables["Steps of the run, in the order of their start"]
    assert [row[:4] for row in steps] == [
        ["bronze-etl-incremental", "succeeded", "4", "3"],
        ["silver_etl_cdc", "succeeded", "3", "4"],
        ["dq_checks_silver_layer", "succeeded", "4", "4"],
        ["gold_etl_features", "succeeded", "4", "3"],
    ]
    assert [row[-1] for row in steps] == ["$0.0147"] * 4
    assert (page.facts["gate"], page.facts["price on Glue"]) == ("passed", "$0.0587")


def test_the_report_says_what_became_different_in_gold(report: Path) -> None:
    page = Tables(report.read_text(encoding="utf-8"))
    counted = [page.facts[f"users {name}"] for name in ("added", "gone", "changed", "unchanged")]
    assert counted == ["1", "1", "1", "1"]
    users = page.tables["Users that are different, those with the greatest change first"]
    assert users == [
        [HOSTILE, "– → 1", "– → 0", "– → 1"],
        ["ana", "1", "0 → 1", "1 → 2"],
        ["bob", "1 → –", "0 → –", "1 → –"],
    ]


def test_the_report_says_what_could_not_be_read(report: Path) -> None:
    page = Tables(report.read_text(encoding="utf-8"))
    assert page.tables["Items in quarantine, by reason"] == [["no user_id", "1", "raw/2.jsonl:4"]]
    layers = {name: rows for name, rows, _ in page.tables["Rows of each table"]}
    assert layers == {
        "bronze_user_events_parquet": "6",
        "bronze_quarantine": "1",
        "silver_user_events": "4",
        "gold_user_features": "6",
        "pipeline_runs": "8",
    }


def test_the_report_is_one_file_without_scripts(report: Path, two_runs: TestLake) -> None:
    page = report.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", page)
    assert str(two_runs.folder) not in page
    with open_browser() as browser:
        browser.open(report)
        assert browser.console() == []
        assert browser.run("return getComputedStyle(document.querySelector('.facts')).display") == "flex"
        for width in (1440, 390):
            browser.look(width, dark=width == 390)
            assert browser.axe() == []
            assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_a_lake_without_a_run_has_nothing_to_report(tmp_path: Path) -> None:
    (tmp_path / "ai-lakehouse-project").mkdir()
    done = CliRunner().invoke(main, ["report", "--lake", str(tmp_path), "--out", str(tmp_path / "x.html")])
    assert (done.exit_code, (tmp_path / "x.html").exists()) == (1, False)
    assert "nothing has run on the lake" in done.output
