"""The dashboard in a browser, from disk: what its charts and tables say is what SQL gives, and every control works."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, open_browser
from gold_lake import GoldLake

from lakebox.athena.result_text import cell_text
from lakebox.charts.recency import bins_for
from lakebox.site.build import PAGES, build_site

SCRIPT, QUOTED, HEBREW, LONG = "<script>window.hacked=1</script>", "\"q' & </b>", "שלום\u202eabc", "x" * 10_000
HOSTILE = (SCRIPT, QUOTED, HEBREW, LONG)
NEWEST = [
    (f"u{number:03}", number % 9, number % 4, f"2025-06-{18 - number % 5:02} 09:30:00.250") for number in range(40)
]
PAGE = [page for page in PAGES if page.name == "dashboard"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> GoldLake:
    """Two snapshots: 30 users, then 44, of which four have hostile names; three days of events."""
    lake = GoldLake(tmp_path_factory.mktemp("dashboard") / "lake")
    lake.snapshot("2025-06-17", [(user, 1, 0, "2025-06-10 00:00:00") for user, *_ in NEWEST[:30]])
    hostile = [(name, 20 - number, 1, "2025-06-18 12:00:00") for number, name in enumerate(HOSTILE)]
    lake.snapshot("2025-06-18", [*NEWEST, *hostile])
    for day, event_type, count in (("16", "view", 3), ("18", "click", 5), ("18", "purchase", 2), ("18", SCRIPT, 1)):
        lake.events(f"2025-06-{day}", event_type, count)
    return lake


@pytest.fixture(scope="module")
def page(lake: GoldLake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(lake.settings, tmp_path_factory.mktemp("site"), PAGE)


@pytest.fixture(scope="module")
def shared() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def browser(shared: Browser, page: Path) -> Iterator[Browser]:
    """A browser that has just opened the dashboard; its console stays empty."""
    shared.open(page)
    yield shared
    assert shared.console() == []


def bars(browser: Browser, figure: str) -> list[dict[str, Any]]:
    """Bars of a figure's chart that is shown: where they are on the screen, and what they say."""
    return browser.run(
        """return [...document.querySelectorAll(`#${arguments[0]} .chart`)].filter(one => one.checkVisibility())
        .flatMap(one => [...one.querySelectorAll('.bars path')]).map(bar => ({says: bar.dataset.tip,
          width: bar.getBBox().width, height: bar.getBBox().height}))""",
        figure,
    )


def test_each_table_says_what_its_query_gives(browser: Browser, lake: GoldLake) -> None:
    for day in ("2025-06-18", "2025-06-17"):
        browser.select("[name=day]", day)
        for figure in ("bars", "events"):
            rows = lake.rows(browser.text(f"#{figure} pre"))
            assert browser.table(f"#{figure} table") == [[cell_text(value) for value in row] for row in rows]
        days = lake.rows(browser.text("#recency pre"))
        bins = bins_for([(0, 1), (7, 1)])
        assert [int(users) for _, users in browser.table("#recency table")] == bins.counts(days)
        users = lake.rows(browser.text("#users pre"))
        assert browser.table("#users table") == [[cell_text(value) for value in row] for row in users[:25]]


def test_bars_are_as_long_as_the_numbers_of_sql(browser: Browser, lake: GoldLake) -> None:
    for day, order in (("2025-06-18", "both"), ("2025-06-18", "purchases"), ("2025-06-17", "both")):
        browser.select("[name=day]", day)
        browser.select("[name=order]", order)
        column = {"both": "click_count + purchase_count", "purchases": "purchase_count"}[order]
        sql = f"""SELECT user_id, click_count, purchase_count FROM gold_user_features
            WHERE training_date = DATE '{day}' ORDER BY {column} DESC, user_id LIMIT 12"""
        shown = lake.rows(sql)
        longest = max(max(counts) for _, *counts in shown)
        drawn = bars(browser, "bars")
        unit = max(bar["width"] for bar in drawn) / longest
        assert [round(bar["width"] / unit, 2) for bar in drawn] == [n for _, *counts in shown for n in counts]
        assert [bar["says"] for bar in drawn] == [
            f"{user}: {n} {kind}"
            for user, *counts in shown
            for n, kind in zip(counts, ("clicks", "purchases"), strict=True)
        ]


def test_columns_are_as_high_as_the_users_of_sql(browser: Browser, lake: GoldLake) -> None:
    heights = []
    for day in ("2025-06-18", "2025-06-17"):
        browser.select("[name=day]", day)
        heights.append([bar["height"] for bar in bars(browser, "recency")])
    newest = dict(lake.rows("""SELECT days_since_last_event, count(*) FROM gold_user_features
        WHERE training_date = DATE '2025-06-18' GROUP BY days_since_last_event"""))  # fmt: skip
    unit = heights[1][7] / 30
    assert [round(height / unit) for height in heights[0]] == [newest.get(days, 0) for days in range(8)]
    assert [round(height / unit) for height in heights[1]] == [0, 0, 0, 0, 0, 0, 0, 30]


def test_a_training_date_changes_totals_and_queries(browser: Browser) -> None:
    totals = "return [...document.querySelectorAll('.totals dd')].map(one => one.innerText.replace(/\\s+/g, ' '))"
    assert browser.run(totals)[0] == "44 +14 since 2025-06-17"
    browser.select("[name=day]", "2025-06-17")
    assert browser.run(totals) == ["30", "0", "60", "30", "0"]
    assert "DATE '2025-06-17'" in browser.text("#users pre")
    assert browser.text("[data-newest]") == "2025-06-10 00:00:00"


def test_search_narrows_the_bars_and_the_table(browser: Browser) -> None:
    browser.type("[name=search]", "U03")
    assert browser.text("[data-matches]") == "10 users"
    assert {row[0] for row in browser.table("#users table")} == {f"u{number:03}" for number in range(30, 40)}
    assert len([bar for bar in bars(browser, "bars") if bar["says"]]) == 20
    browser.type("[name=search]", "nobody")
    assert browser.text("[data-matches]") == "0 users"
    assert browser.table("#users table") == []


def test_a_chosen_bar_shows_its_users_alone(browser: Browser) -> None:
    browser.click("#recency .chart-wide .bars path:nth-child(3)")
    assert {row[3] for row in browser.table("#users table")} == {"2"}
    assert browser.text("[name=bin]") == "Last seen 2 days ago ×"
    browser.click("[name=bin]")
    assert browser.text("[data-matches]") == "44 users"


def test_pages_turn(browser: Browser) -> None:
    first = browser.table("#users table")
    browser.click("#users .pager button:last-child")
    second = browser.table("#users table")
    assert (len(first), len(second), browser.text("#users .pager span")) == (25, 19, "Page 2 of 2")
    assert len({row[0] for row in first + second}) == 44
    assert browser.run("return document.querySelector('#users .pager button:last-child').disabled")
    browser.click("#bars .pager button:last-child")
    assert browser.text("#bars .pager span") == "Page 2 of 4"
    assert len(browser.table("#bars table")) == 12


def test_every_column_sorts_both_ways(browser: Browser, lake: GoldLake) -> None:
    columns = ("user_id", "last_event_timestamp", "last_event_type", "days_since_last_event", "event_count")
    for number, column in enumerate((*columns, "click_count", "purchase_count"), start=1):
        heading = f"#users th:nth-child({number})"
        for _ in range(2):
            browser.click(f"{heading} button")
            way = browser.run("return document.querySelector(arguments[0]).ariaSort", heading)
            order = f"{column} {'DESC' if way == 'descending' else 'ASC'}, user_id"
            rows = lake.rows(
                f"SELECT user_id FROM gold_user_features WHERE training_date = DATE '2025-06-18' ORDER BY {order}"
            )
            assert [row[0] for row in browser.table("#users table")] == [user for (user,) in rows[:25]], (column, way)


def test_arrow_keys_read_a_chart(browser: Browser) -> None:
    browser.focus("#recency .chart-wide")
    browser.keys("ArrowRight", "ArrowRight")
    assert browser.text("#tip") == "1 day ago: 8 users"
    browser.keys("Enter")
    assert browser.text("[data-matches]") == "8 users"
    browser.keys("Escape")
    assert browser.text("#tip") == ""


def test_a_pointer_reads_a_chart(browser: Browser) -> None:
    browser.hover("#events .chart-wide .bars path")
    assert browser.text("#tip") == "16 Jun 2025: 3 × view"


def test_everything_is_reached_by_tab(browser: Browser) -> None:
    reached = browser.tab_through(80)
    for wanted in (
        "select[name=day]",
        "input[name=search]",
        "select[name=order]",
        "summary",
        "th button",
        ".pager button",
    ):
        assert browser.run("return arguments[0].some(one => one.matches(arguments[1]))", reached, wanted), wanted


def test_hostile_values_are_text(browser: Browser, page: Path) -> None:
    assert browser.run("return [window.hacked, document.querySelectorAll('script:not([src])').length]") == [None, 1]
    shown = [row[0] for row in browser.table("#bars table")]
    assert shown[:4] == [SCRIPT, QUOTED, HEBREW, LONG]
    browser.type("[name=search]", "<script>")
    assert browser.text("[data-matches]") == "1 user"
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert SCRIPT not in page.read_text(encoding="utf-8")


def test_without_scripts_the_page_is_whole(page: Path) -> None:
    with open_browser(scripts=False) as browser:
        browser.open(page)
        assert len(bars(browser, "bars")) == 24
        assert len(browser.table("#users table")) == 25
        for control in (".filters", ".pager", "[name=order]"):
            assert not browser.is_shown(control), control


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (390, False), (390, True)])
def test_axe_finds_nothing_serious(shared: Browser, page: Path, width: int, dark: bool) -> None:
    shared.look(width, dark=dark)
    shared.open(page)
    assert shared.axe() == []
    assert shared.run("return document.documentElement.scrollWidth <= innerWidth")
    shared.look(1440, dark=False)


def test_the_dashboard_shows_what_the_lake_holds_now(lake: GoldLake, tmp_path: Path) -> None:
    with open_browser() as browser:
        other = GoldLake(tmp_path / "lake")
        browser.open(build_site(other.settings, tmp_path / "site", PAGE))
        assert "Gold holds no snapshot yet" in browser.text("main")
        for day, users in (("2025-06-17", 1), ("2025-06-18", 2)):
            other.snapshot(day, [(f"user {number}", 1, 0, f"{day} 00:00:00") for number in range(users)])
            browser.open(build_site(other.settings, tmp_path / "site", PAGE))
            assert (browser.text("[data-total=users]"), len(browser.table("#users table"))) == (str(users), users)


@pytest.mark.slow
def test_a_hundred_thousand_users_stay_readable(tmp_path: Path) -> None:
    lake = GoldLake(tmp_path / "lake")
    for day, count in (("2025-06-17", 90_000), ("2025-06-18", 100_000)):
        users = [(f"user_{number:06}", number % 50, number % 7, f"{day} 10:00:00") for number in range(count)]
        lake.snapshot(day, users)
    lake.events("2025-06-18", "click", 5)
    page = build_site(lake.settings, tmp_path / "site", PAGE)
    assert page.stat().st_size < 5_000_000
    with open_browser() as browser:
        browser.open(page)
        assert browser.text("[data-matches]") == "100,000 users"
        browser.type("[name=search]", "09999")
        assert browser.text("[data-matches]") == "11 users"
        assert browser.run("return document.querySelectorAll('*').length") < 1500
        browser.select("[name=day]", "2025-06-17")
        assert browser.text("[data-matches]") == "0 users, of the 200 most active of 90,000"
        assert browser.text("[data-total=users]") == "90,000"


def test_the_data_of_a_page_is_json(page: Path) -> None:
    text = re.findall(
        r'<script type="application/json" id="dashboard-data">(.*?)</script>', page.read_text(encoding="utf-8")
    )
    data = json.loads(text[0])
    assert data["snapshots"][0]["rows"]["user"][:4] == [SCRIPT, QUOTED, HEBREW, LONG]
