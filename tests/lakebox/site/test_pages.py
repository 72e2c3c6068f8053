"""The pages tell what SQL and the APIs tell, hold values as data, and name nothing of this machine."""

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from site_lake import BAD_TABLE, QUOTES, RIGHT_TO_LEFT, SCRIPT, SiteLake
from site_lake import click as click_event

from lakebox.api.serve import state_folder
from lakebox.cli import main
from lakebox.endpoint.keys import keys_of
from lakebox.settings import REPOSITORY, read_settings
from lakebox.site.build import PAGES, build_site
from lakebox.site.publish import site_bucket

pytestmark = pytest.mark.spark

NAMES = [page.name for page in PAGES]


class Parsed(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", NAMES)
def test_values_are_never_markup(site: SiteLake, name: str) -> None:
    page = Parsed(site.page(name))
    own = {"icon.svg", "style.css", "site.js"} | {f"{each}.{end}" for each in NAMES for end in ("css", "js", "html")}
    for tag, attributes in page.tags:
        assert (tag, set(attributes) & {"style", "onerror", "onload", "onclick"}) == (tag, set())
        assert tag not in ("img", "iframe", "base")
        for link in (attributes.get("src"), attributes.get("href")):
            assert link is None or link.split("#")[0] in {"", *own}
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert all("src" in each or each.get("type") == "application/json" for each in scripts)


def test_hostile_values_are_shown_as_they_are(site: SiteLake) -> None:
    shown = Parsed(site.page("data")).text
    for value in (SCRIPT, QUOTES, RIGHT_TO_LEFT, BAD_TABLE, "n" * 200 + "… (10,000 characters)"):
        assert value in shown
    assert "n" * 300 not in shown


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_key_or_path(site: SiteLake, name: str) -> None:
    page, keys = site.page(name), keys_of(state_folder(site.settings.folder))
    folders = [str(site.events.folder), str(site.events.raw), str(REPOSITORY), "/data/of"]
    assert [text for text in (keys.access_key, keys.secret_key, *folders) if text in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_when_and_from_which_lake(site: SiteLake, name: str) -> None:
    page = Parsed(site.page(name))
    (made_at,) = [attributes["datetime"] for tag, attributes in page.tags if tag == "time"]
    assert made_at is not None
    assert f"Made {made_at[:10]}" in page.text
    assert "from the lake s3://ai-lakehouse-project in lake/" in page.text
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_counts_are_those_of_sql(site: SiteLake) -> None:
    page = " ".join(Parsed(site.page("index")).text.split())
    for table in ("bronze_user_events_parquet", "bronze_quarantine", "silver_user_events", "gold_user_features"):
        ((count,),) = site.engine.query(f"SELECT count(*) FROM {table}").rows
        assert f"{table} {count} row" in page


def test_the_first_page_says_what_went_wrong(site: SiteLake) -> None:
    page = " ".join(Parsed(site.page("index")).text.split())
    for text in (
        "Last run failed in",
        "…/mine/x.json is not there",
        "Quality gate passed, 30 of 30 rules hold on",
        "Could not be read 1 item, kept in quarantine …/raw/second.jsonl, line 35: no user_id",
    ):
        assert text in page


def test_the_first_page_names_the_rules_that_broke(site: SiteLake, tmp_path: Path) -> None:
    lake = shutil.copytree(site.settings.folder, tmp_path / "lake")
    (file,) = lake.glob("*/reports/dq_report.json")
    report = json.loads(file.read_text(encoding="utf-8"))
    for rule in report["rules"][:5]:
        rule |= {"outcome": "FAILED", "reason": f"2 rows of {SCRIPT}"}
    file.write_text(json.dumps(report | {"outcome": "FAILED"}), encoding="utf-8")
    first = build_site(read_settings(lake=str(lake), target="embedded"), tmp_path / "site", PAGES[:1])
    page = " ".join(Parsed(first.read_text(encoding="utf-8")).text.split())
    assert "failed, 25 of 30 rules hold" in page
    assert f"{report['rules'][2]['rule']}: 2 rows of {SCRIPT} and 2 more" in page


def test_quality_says_where_an_item_is_that_could_not_be_read(site: SiteLake) -> None:
    assert "…/raw/second.jsonl, line 35" in Parsed(site.page("quality")).text


def test_the_walkthrough_follows_real_events(site: SiteLake) -> None:
    page = site.page("walkthrough")
    plain, updated, deleted, quarantined = (Parsed(part).text for part in page.split('class="story"')[1:5])
    assert RIGHT_TO_LEFT in plain
    bronze, silver = updated.split("late, in ")[1:3]
    assert ("/old" in bronze, "/new" in bronze) == (True, True)
    assert ("/old" in silver, "/new" in silver) == (False, True)
    assert '"op": "D"' in deleted
    assert "its latest change is a delete" in deleted
    assert "no user_id" in quarantined
    assert "…/raw/second.jsonl, line 35" in quarantined


def test_a_lake_without_such_events_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "lake" / "ai-lakehouse-project").mkdir(parents=True)
    done = CliRunner().invoke(main, ["site", "--lake", str(tmp_path / "lake")])
    first = tmp_path / "lake" / ".lakebox" / "site" / "index.html"
    assert (done.exit_code, done.output) == (0, f"the site of the lake: file://{first}\n")
    walkthrough = Parsed(first.with_name("walkthrough.html").read_text(encoding="utf-8")).text
    for missing in ("no event that was delivered only once", "no event that was updated", "nothing in quarantine"):
        assert f"This lake has {missing}." in walkthrough


def test_runs_are_those_of_the_api_and_the_record(site: SiteLake) -> None:
    page = Parsed(site.page("runs")).text
    assert "workflow nightly" in page
    assert "…/mine/x.json is not there" in page
    assert page.count("gold_etl_features") == 2


def test_the_site_changes_with_the_lake(site: SiteLake, tmp_path: Path) -> None:
    site.deliver("third.jsonl", click_event("newcomer", 59, timestamp="2025-06-18T23:59:59Z", page="/third"))
    build_site(site.settings, tmp_path)
    assert "newcomer" not in site.page("walkthrough")
    assert "newcomer" in (tmp_path / "walkthrough.html").read_text(encoding="utf-8")


def test_publish_brings_a_bucket_to_the_site(site: SiteLake, tmp_path: Path) -> None:
    bucket = Path(site.settings.folder, site_bucket())
    bucket.mkdir()
    (bucket / "old.html").write_text("gone")
    done = CliRunner().invoke(main, ["site", "--lake", site.settings.folder, "--out", str(tmp_path), "--publish"])
    assert done.exit_code == 0, done.output
    assert f"file://{bucket}/index.html" in done.output
    assert {path.name for path in bucket.iterdir()} == {path.name for path in tmp_path.iterdir()}
