"""A real browser for tests of pages: Debian's chromium by its chromedriver, reading from disk with the network off."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


class Browser:
    """What tests do with a page, by CSS selectors."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def open(self, page: Path) -> None:
        """Open a file."""
        self._driver.get(page.absolute().as_uri())

    def look(self, width: int, *, dark: bool) -> None:
        """Set the width of the screen, and the theme that it asks for."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}  # a click does not wait for the end of a scroll
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [theme, still]})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self._driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """All text of an element, shown or not; nothing of one that is `hidden`."""
        return str(
            self.run(
                "const one = document.querySelector(arguments[0]); return one.hidden ? '' : one.textContent.trim()",
                selector,
            )
        )

    def table(self, selector: str) -> list[list[str]]:
        """Text of a table's rows, whole."""
        return self.run(
            """return [...document.querySelector(arguments[0]).tBodies[0].rows].map(row =>
            [...row.cells].map(cell => cell.textContent))""",
            selector,
        )

    def is_shown(self, selector: str) -> bool:
        """Whether a reader sees an element."""
        return self._driver.find_element(By.CSS_SELECTOR, selector).is_displayed()

    def click(self, selector: str) -> None:
        """Click on an element, which is brought to the middle of the screen first: the page's head stays on top."""
        element = self._driver.find_element(By.CSS_SELECTOR, selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def hover(self, selector: str) -> None:
        """Put the pointer on an element."""
        ActionChains(self._driver).move_to_element(self._driver.find_element(By.CSS_SELECTOR, selector)).perform()

    def select(self, selector: str, choice: str) -> None:
        """Choose an option by its value."""
        Select(self._driver.find_element(By.CSS_SELECTOR, selector)).select_by_value(choice)

    def type(self, selector: str, text: str) -> None:
        """Type a text into a field, in place of what is there."""
        field = self._driver.find_element(By.CSS_SELECTOR, selector)
        field.clear()
        field.send_keys(text)

    def focus(self, selector: str) -> None:
        """Give an element the focus."""
        self.run("document.querySelector(arguments[0]).focus()", selector)

    def keys(self, *names: str) -> None:
        """Press keys, by their names in JavaScript."""
        known = {"ArrowRight": Keys.ARROW_RIGHT, "Enter": Keys.ENTER, "Escape": Keys.ESCAPE, "Tab": Keys.TAB}
        ActionChains(self._driver).send_keys(*(known[name] for name in names)).perform()

    def tab_through(self, most: int) -> list[Any]:
        """The elements that Tab reaches, one after the other."""
        reached = []
        for _ in range(most):
            self.keys("Tab")
            reached.append(self._driver.switch_to.active_element)
        return reached

    def console(self) -> list[str]:
        """What the page has said on the console since it was asked last."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def axe(self) -> list[str]:
        """Serious and critical findings of axe-core."""
        found = Axe().run(self._driver)["violations"]
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
        ]


@contextlib.contextmanager
def open_browser(*, scripts: bool = True) -> Iterator[Browser]:
    """A browser without network; skips the test where there is none."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("there is no chromium with its chromedriver on this machine (Debian: apt install chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        opened.set_script_timeout(300)  # axe takes seconds, and on a busy machine a minute
        opened.execute_cdp_cmd("Network.enable", {})
        opened.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        opened.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        browser = Browser(opened)
        browser.look(1440, dark=False)
        yield browser
    finally:
        opened.quit()
