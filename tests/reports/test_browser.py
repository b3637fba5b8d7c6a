"""Chromium opens the pages: nothing is blocked, nothing runs, nothing sticks out."""

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from grader.reports.class_report import render_class
from grader.reports.class_row import class_row
from grader.reports.html import IndexRow, render_index, render_submission
from grader.reports.language import Language
from tests.reports import samples
from tests.reports.classroom import classroom
from tests.reports.hostile import ATTACKS, spoil

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="chromium or chromedriver is not installed"),
]
AXE = Path(os.environ.get("AXE_CORE", Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"))
"""Made by `npm install --no-save axe-core` in the root of the checkout, or elsewhere, as CI does."""

FLAGS = ["headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = CHROMIUM or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@cache
def pages(language: Language = "en") -> dict[str, str]:
    results = {"halfway": samples.halfway(), "perfect": samples.perfect(), "unreadable": samples.unreadable(), "ours": samples.ours()}
    rows = [IndexRow(result=result, href=f"{name}.html") for name, result in results.items()]
    students = [*results.values(), *classroom(30), *classroom(12, assignment="attention")]
    earlier = {("rnn-scratch", "Student 0000"): (0.2, 0.4)}
    class_page = render_class([class_row(result, href="page.html") for result in students], earlier=earlier, language=language)
    submissions = {name: render_submission(result, language=language) for name, result in results.items()}
    return {"index": render_index(rows, class_report="class.html", language=language), "class": class_page} | submissions


def open_page(browser: webdriver.Chrome, source: str, folder: Path, *, width: int = 1440, theme: str = "light") -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    path = folder / "page.html"
    path.write_text(source, encoding="utf-8")
    browser.get(path.as_uri())


def complaints(browser: webdriver.Chrome) -> list[str]:
    return [str(entry) for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", pages())
def test_pages_open_without_complaints_and_fit_the_window(browser: webdriver.Chrome, tmp_path: Path, name: str, width: int) -> None:
    open_page(browser, pages()[name].replace("<details>", "<details open>"), tmp_path, width=width)

    assert complaints(browser) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm install --no-save axe-core")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", pages())
def test_axe_finds_nothing_that_keeps_people_out(browser: webdriver.Chrome, tmp_path: Path, name: str, width: int, theme: str) -> None:
    for language in ("en", "zh"):
        source = pages(language)[name].replace("<details>", "<details open>").replace('<details class="who">', "<details open>")
        open_page(browser, source, tmp_path, width=width, theme=theme)
        browser.execute_script(AXE.read_text(encoding="utf-8"))
        found = browser.execute_async_script("const done = arguments[0]; axe.run().then(({violations}) => done(violations));")

        serious = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in serious] == []


def test_a_page_with_charts_loads_nothing(browser: webdriver.Chrome, tmp_path: Path) -> None:
    open_page(browser, pages()["class"], tmp_path)

    assert browser.execute_script("return performance.getEntriesByType('resource').filter(entry => !entry.name.startsWith('data:')).length") == 0
    assert browser.execute_script("return document.querySelector('svg path').getBBox().width") > 0


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_hostile_notebooks_run_nothing_and_load_nothing(browser: webdriver.Chrome, tmp_path: Path, attack: str) -> None:
    open_page(browser, render_submission(spoil(samples.halfway(), attack)), tmp_path, width=390)

    assert complaints(browser) == []
    assert browser.execute_script("return window.pwned") is None
    assert browser.execute_script("return performance.getEntriesByType('resource').filter(entry => !entry.name.startsWith('data:')).length") == 0
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_pictures_of_the_notebook_are_drawn(browser: webdriver.Chrome, tmp_path: Path) -> None:
    open_page(browser, pages()["halfway"].replace("<details>", "<details open>"), tmp_path)

    assert browser.find_element(By.TAG_NAME, "img").get_property("naturalWidth") == 320


def test_the_first_tab_stop_leads_past_the_navigation(browser: webdriver.Chrome, tmp_path: Path) -> None:
    open_page(browser, pages()["halfway"], tmp_path)

    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "Skip to the report"
    browser.switch_to.active_element.send_keys(Keys.ENTER)

    assert browser.switch_to.active_element.get_attribute("id") == "main"


def test_a_hint_opens_from_the_keyboard(browser: webdriver.Chrome, tmp_path: Path) -> None:
    open_page(browser, pages()["halfway"], tmp_path)
    summary = browser.find_element(By.CSS_SELECTOR, ".hint summary")
    where = browser.find_element(By.CSS_SELECTOR, ".hint details p")
    assert not where.is_displayed()

    summary.send_keys(Keys.ENTER)

    assert where.is_displayed()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["halfway", "index", "class"])
def test_all_text_has_the_contrast_that_wcag_asks(browser: webdriver.Chrome, tmp_path: Path, name: str, theme: str) -> None:
    unsandboxed = samples.halfway().model_copy(update={"environment": {"sandbox": "none"}})
    source = (pages() | {"halfway": render_submission(unsandboxed)})[name].replace("<details>", "<details open>")
    open_page(browser, source, tmp_path, theme=theme)

    weak = browser.execute_script((Path(__file__).parent / "contrast.js").read_text(encoding="utf-8"))

    assert weak == []


def test_folded_parts_are_printed(browser: webdriver.Chrome, tmp_path: Path) -> None:
    open_page(browser, pages()["halfway"], tmp_path)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    # Chromium unfolds in the frame after the one in which the medium changes.
    are_printed = """const [selectors, done] = arguments;
        requestAnimationFrame(() => requestAnimationFrame(() => done(selectors.map(one => document.querySelector(one).checkVisibility()))));"""

    assert browser.execute_async_script(are_printed, [".hint details p", ".codebox", ".overview"]) == [True, True, False]
