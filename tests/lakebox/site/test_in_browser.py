"""The pages in a real browser, from disk and with the network off: no message, no shift, all by keyboard."""

from collections.abc import Iterator

import pytest
from browser import Browser, open_browser
from site_lake import SiteLake

from lakebox.athena.result_text import cell_text
from lakebox.site.build import PAGES

pytestmark = pytest.mark.spark

NAMES = [page.name for page in PAGES]
SHIFTED = """
let sum = 0;
const observer = new PerformanceObserver(() => {});
observer.observe({ type: "layout-shift", buffered: true });
for (const each of observer.takeRecords()) sum += each.value;
return sum;
"""
RULES = "#report figure.table"
TYPES = "#silver_by_event_type_and_date"


@pytest.fixture(scope="module")
def shared() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def browser(shared: Browser) -> Iterator[Browser]:
    """A browser that keeps no theme and gets no message."""
    yield shared
    shared.run("localStorage.clear()")
    assert shared.console() == []
    shared.look(1440, dark=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_calm_and_reachable(browser: Browser, site: SiteLake, name: str) -> None:
    for width, dark in ((1440, False), (1440, True), (390, False), (390, True)):
        browser.look(width, dark=dark)
        browser.open(site.folder / f"{name}.html")
        assert browser.is_shown("h1")
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run(SHIFTED) < 0.01
        assert browser.run("return document.title") != "mine"
        if (width, dark) in ((1440, False), (390, True)):
            assert browser.axe() == []


def test_a_table_sorts_by_a_column(browser: Browser, site: SiteLake) -> None:
    browser.open(site.folder / "queries.html")
    rows = browser.table(f"{TYPES} table")
    browser.click(f"{TYPES} th:nth-child(3) button")
    assert browser.table(f"{TYPES} table") == sorted(rows, key=lambda row: int(row[2]))
    browser.click(f"{TYPES} th:nth-child(3) button")
    counts = [int(row[2]) for row in browser.table(f"{TYPES} table")]
    assert counts == sorted(counts, reverse=True)
    assert browser.run("return document.querySelector(arguments[0]).ariaSort", f"{TYPES} th:nth-child(3)")


@pytest.mark.parametrize("name", ["silver_by_event_type_and_date", "gold_user_features", "bronze_by_model_input_flag"])
def test_rows_equal_what_sql_gives(browser: Browser, site: SiteLake, name: str) -> None:
    browser.open(site.folder / "queries.html")
    rows = site.engine.query(browser.text(f"#{name} pre")).rows
    assert browser.table(f"#{name} table") == [[cell_text(value) for value in row] for row in rows]


def test_a_long_table_has_pages_and_a_search(browser: Browser, site: SiteLake) -> None:
    browser.open(site.folder / "quality.html")
    first = browser.table(f"{RULES} table")
    assert (len(first), browser.text(f"{RULES} [role=status]")) == (15, "1–15 of 30")
    browser.click(f"{RULES} .pager button:last-child")
    second = browser.table(f"{RULES} table")
    assert (len({row[1] for row in first + second}), browser.text(f"{RULES} [role=status]")) == (30, "16–30 of 30")
    browser.type(f"{RULES} input", "columnexists ATTR")
    assert [row[1] for row in browser.table(f"{RULES} table")] == ['ColumnExists "attributes"']
    browser.type(f"{RULES} input", "no such rule")
    assert (browser.table(f"{RULES} table"), browser.text(f"{RULES} [role=status]")) == ([], "0–0 of 0")


def test_a_text_that_is_cut_off_is_whole_under_the_pointer(browser: Browser, site: SiteLake) -> None:
    browser.open(site.folder / "data.html")
    pk = "section:first-of-type figure:last-child tbody td"
    browser.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", pk)
    browser.hover(pk)
    assert browser.run("return document.querySelector(arguments[0]).title", pk) == browser.text(pk) != ""


def test_keyboard_reaches_and_uses_everything(browser: Browser, site: SiteLake) -> None:
    browser.open(site.folder / "index.html")
    browser.keys("Tab", "Enter")  # skip to content
    assert browser.run("return document.activeElement.id") == "content"
    browser.keys("Tab", "Enter")  # the first layer
    assert browser.run("return location.hash") == "#ai_lakehouse_db.bronze_user_events_parquet"
    browser.open(site.folder / "index.html")
    browser.focus(".diagram.wide a")
    browser.keys("Enter")
    assert browser.run("return location.hash") == "#job-bronze-etl-incremental"
    browser.focus("#job-bronze-etl-incremental th button")
    browser.keys("Enter")
    assert browser.run("return document.querySelector('#job-bronze-etl-incremental th').ariaSort") == "ascending"


def test_the_theme_is_kept_from_page_to_page(browser: Browser, site: SiteLake) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    browser.open(site.folder / "index.html")
    light = browser.run(colour)
    browser.focus("button.theme")
    browser.keys("Enter")
    dark = browser.run(colour)
    browser.open(site.folder / "storage.html")
    assert (browser.run(colour), browser.run("return document.querySelector('.theme').ariaLabel")) == (
        dark,
        "Light theme",
    )
    browser.click("button.theme")
    assert browser.run(colour) == light != dark


def test_pages_are_whole_without_scripts(site: SiteLake) -> None:
    with open_browser(scripts=False) as browser:
        browser.open(site.folder / "quality.html")
        assert all(browser.is_shown(f"{RULES} tbody tr:nth-child({number})") for number in (1, 16, 30))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_telephone_has_a_menu_of_pages(site: SiteLake, scripts: bool) -> None:
    with open_browser(scripts=scripts) as browser:
        browser.look(390, dark=False)
        browser.open(site.folder / "storage.html")
        assert not browser.is_shown(".pages a")
        browser.click(".menu")
        assert browser.is_shown(".pages a:first-child")
        assert browser.is_shown(".pages a:last-child")
        browser.keys("Escape")
        assert not browser.is_shown(".pages a")
        browser.look(1440, dark=False)
        assert browser.is_shown(".pages a:last-child")
        assert not browser.is_shown(".menu")


@pytest.mark.parametrize("name", NAMES)
def test_numbers_stand_to_the_right(browser: Browser, site: SiteLake, name: str) -> None:
    browser.open(site.folder / f"{name}.html")
    cells = "document.querySelectorAll('td.number, th.number')"
    sides = browser.run(f"return [...{cells}].map(cell => getComputedStyle(cell).textAlign)")
    assert set(sides) <= {"right"}


def test_a_wide_table_keeps_its_first_column(browser: Browser, site: SiteLake) -> None:
    browser.look(390, dark=False)
    browser.open(site.folder / "data.html")
    left = "return document.querySelector('.wide td').getBoundingClientRect().left"
    before = browser.run(left)
    browser.run("document.querySelector('.wide').closest('.scroll').scrollLeft = 300")
    assert browser.run(left) == pytest.approx(before, abs=1)
    assert browser.run("return document.querySelector('.wide td:nth-child(2)').getBoundingClientRect().left") < before


def test_a_telephone_shows_what_columns_mean(browser: Browser, site: SiteLake) -> None:
    browser.look(390, dark=False)
    browser.open(site.folder / "data.html")
    cells = "document.querySelectorAll('.explained td.prose')"
    ends = browser.run(f"return [...{cells}].map(cell => cell.getBoundingClientRect().right)")
    assert ends
    assert max(ends) <= 390


def test_a_query_is_copied_as_it_is(browser: Browser, site: SiteLake) -> None:
    browser.open(site.folder / "queries.html")
    browser.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    browser.click(f"{TYPES} .copy")
    assert browser.run("return window.copied") == browser.text(f"{TYPES} pre")


def test_each_heading_links_to_its_part(browser: Browser, site: SiteLake) -> None:
    browser.open(site.folder / "quality.html")
    links = "document.querySelectorAll('.jump a, .anchor')"
    targets = browser.run(f"return [...{links}].map(link => document.querySelector(link.hash) !== null)")
    assert targets
    assert all(targets)
