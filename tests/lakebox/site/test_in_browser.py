"""The pages in a real browser, from disk and with the network off: no message, no shift, all by keyboard."""

import shutil
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from site_lake import SiteLake

from lakebox.site.build import PAGES

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
NAMES = [page.name for page in PAGES]
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no chromium and chromedriver: apt install chromium chromium-driver"
    ),
]
SHIFT = """
const done = arguments[0]; let sum = 0;
new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; })
  .observe({ type: "layout-shift", buffered: true });
setTimeout(() => done(sum), 200);
"""


class Browser:
    """Chromium over one site."""

    def __init__(self, driver: webdriver.Chrome, site: SiteLake) -> None:
        self.driver, self.site = driver, site

    def open(self, name: str, *, dark: bool = False, width: int = 1440) -> None:
        """Open a page from disk, in a theme and a width."""
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[theme])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.command("Emulation.setDeviceMetricsOverride", **size)
        self.driver.get(f"{(self.site.folder / name).as_uri()}.html")

    def command(self, name: str, **arguments: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, arguments)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def one(self, selector: str) -> Any:
        """The first element of a selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def column(self, table: Any, number: int) -> list[str]:
        """The texts of a table's column, as shown."""
        return [each.text for each in table.find_elements(By.CSS_SELECTOR, f"tbody td:nth-child({number})")]

    def messages(self) -> list[str]:
        """What the console has got since it was asked last."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def browser(site: SiteLake) -> Iterator[Browser]:
    """One browser for all tests; it has no network."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    yield Browser(driver, site)
    driver.quit()


@pytest.fixture(autouse=True)
def _no_theme_kept(browser: Browser) -> None:
    browser.open(NAMES[0])
    browser.run("localStorage.clear()")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_without_a_word(browser: Browser, name: str) -> None:
    browser.messages()
    for width in (1440, 390):
        for dark in (False, True):
            browser.open(name, dark=dark, width=width)
            assert browser.one("h1").is_displayed()
            assert browser.run("return document.documentElement.scrollWidth") <= width
            assert browser.driver.execute_async_script(SHIFT) < 0.01
    assert browser.run("return document.title") != "mine"
    assert browser.messages() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(browser: Browser, name: str, dark: bool) -> None:
    browser.open(name, dark=dark)
    source = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.run(source)
    found = browser.driver.execute_async_script("const done = arguments[0]; axe.run().then(done)")
    serious = [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_table_sorts_by_a_column(browser: Browser) -> None:
    browser.open("queries")
    table = browser.one("#silver_by_event_type_and_date table")
    heading = table.find_element(By.CSS_SELECTOR, "th:nth-child(3)")
    button = heading.find_element(By.TAG_NAME, "button")
    button.click()
    counts = [int(text) for text in browser.column(table, 3)]
    assert (heading.get_attribute("aria-sort"), counts) == ("ascending", sorted(counts))
    button.click()
    counts = [int(text) for text in browser.column(table, 3)]
    assert (heading.get_attribute("aria-sort"), counts) == ("descending", sorted(counts, reverse=True))


def test_rows_equal_what_sql_gives(browser: Browser) -> None:
    browser.open("queries")
    table = browser.one("#silver_by_event_type_and_date table")
    rows = browser.site.engine.query(
        "SELECT event_type, event_date, count(*) FROM silver_user_events WHERE event_timestamp < "
        "TIMESTAMP '2025-06-18 23:00:00' GROUP BY event_type, event_date ORDER BY event_date, event_type"
    ).rows
    shown = zip(*(browser.column(table, number) for number in (1, 2, 3)), strict=True)
    assert list(shown) == [(kind, str(day), str(count)) for kind, day, count in rows]


def test_a_long_table_has_pages(browser: Browser) -> None:
    browser.open("quality")
    figure = browser.one("#report figure.table")
    back, on = figure.find_elements(By.CSS_SELECTOR, ".pager button")
    status = figure.find_element(By.CSS_SELECTOR, ".pager [role=status]")
    rules = browser.column(figure, 2)
    assert (status.text, len(rules), back.is_enabled(), on.is_enabled()) == ("1–15 of 30", 15, False, True)
    on.click()
    assert (status.text, back.is_enabled(), on.is_enabled()) == ("16–30 of 30", True, False)
    assert len({*rules, *browser.column(figure, 2)}) == 30


def test_search_shows_the_rows_that_match(browser: Browser) -> None:
    browser.open("quality")
    figure = browser.one("#report figure.table")
    browser.one("body").send_keys("/")
    search = browser.driver.switch_to.active_element
    search.send_keys("columnexists ATTR")
    assert browser.column(figure, 2) == ['ColumnExists "attributes"']
    assert figure.find_element(By.CSS_SELECTOR, ".pager [role=status]").text == "1–1 of 1"
    search.send_keys(Keys.CONTROL, "a", Keys.NULL, "no such rule")
    assert figure.find_element(By.CSS_SELECTOR, ".pager [role=status]").text == "0–0 of 0"


def test_keyboard_reaches_and_uses_everything(browser: Browser) -> None:
    browser.open("index")
    body = browser.one("body")
    body.send_keys(Keys.TAB)
    assert browser.driver.switch_to.active_element.text == "Skip to content"
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.run("return document.activeElement.id") == "content"
    box = browser.one(".diagram.wide a")
    box.send_keys(Keys.ENTER)
    assert browser.driver.current_url.endswith("#job-bronze-etl-incremental")
    heading = browser.one("#job-bronze-etl-incremental th button")
    heading.send_keys(Keys.ENTER)
    assert browser.one("#job-bronze-etl-incremental th").get_attribute("aria-sort") == "ascending"


def test_the_theme_is_kept_from_page_to_page(browser: Browser) -> None:
    browser.open("index")
    page = "return getComputedStyle(document.body).backgroundColor"
    light = browser.run(page)
    button = browser.one("button.theme")
    assert button.get_attribute("aria-label") == "Dark theme"
    button.send_keys(Keys.ENTER)
    dark = browser.run(page)
    browser.open("storage")
    assert (browser.run(page), browser.one("button.theme").get_attribute("aria-label")) == (dark, "Light theme")
    browser.one("button.theme").click()
    assert browser.run(page) == light != dark


def test_pages_are_whole_without_scripts(browser: Browser) -> None:
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open("queries")
        rows = browser.driver.find_elements(By.CSS_SELECTOR, "#pipeline_runs tbody tr")
        assert len(rows) == 8
        assert all(row.is_displayed() for row in rows)
        assert browser.driver.find_elements(By.CSS_SELECTOR, ".tools input") == []
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)
