"""Fixtures of the page's tests: the program over an index, a browser, a visitor."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running_page import Site, Visit, build_index, start_site, stop_site, watch

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Site]:
    """The page over the shipped documents."""
    folder = tmp_path_factory.mktemp("site")
    running = start_site(build_index(folder / "data"), folder / "output")
    yield running
    stop_site(running)


@pytest.fixture
def empty_site(tmp_path: Path, browser: Any) -> Iterator[tuple[Site, Path]]:
    """The page with no index, and the folder where one may appear."""
    running = start_site(tmp_path / "data", tmp_path / "output")
    yield running, tmp_path / "data"
    stop_site(running)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; without one the tests are skipped, save in continuous integration."""
    path = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        message = "no Chromium or Chrome on this machine: the page's browser tests did not run"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield running
        running.close()


@pytest.fixture
def monkey_seconds() -> int:
    """How long random clicking goes on; ten minutes before a release."""
    return int(os.environ.get("MONKEY_SECONDS", "20"))


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    """Opens the page as a visitor; at the end nothing may have left the machine or gone wrong in it."""
    visits: list[Visit] = []
    contexts: list[Any] = []

    def open_page(site: Site, *, width: int = 1280, height: int = 850) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        contexts.append(context)
        made = Visit(context.new_page())
        visits.append(made)
        watch(context, made)
        made.page.goto(site.url)
        made.page.locator("#pq-send").wait_for()
        made.page.locator("#pq-documents .pq-held").wait_for(timeout=30_000)
        return made

    yield open_page
    for context in contexts:
        context.close()
    for made in visits:
        assert made.complaints == []
