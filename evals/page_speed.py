"""How soon one reader can use the page and sees an answer, in a real browser (Chromium) on this machine."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Sequence
from typing import Any

from evals.crowd import running_program
from ingest.errors import BadInput
from ingest.settings import Settings

RUNS = 10
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Once the script of the page listens, the box can be typed into and a question sent.
_READY = "!!document.querySelector('#pq-documents .pq-held') && !!document.querySelector('#pq-box textarea')"
_ANSWERED = """() => new Promise((done) => {
  const began = performance.now();
  const look = () => {
    const answer = [...document.querySelectorAll("#pq-chat .pq-answer")].pop();
    const told = answer && !answer.textContent.includes("正在查找");
    told ? done(performance.now() - began) : requestAnimationFrame(look);
  };
  document.querySelector("#pq-box textarea").dispatchEvent(
    new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
  look();
})"""


def measure_page(settings: Settings, questions: Sequence[str]) -> dict[str, Any]:
    """Milliseconds from opening to a page that can be used, and from Enter to an answer on the screen; RUNS fresh visits."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise BadInput("这台机器上没有 Chromium 或 Chrome,不能测网页")
    usable: list[float] = []
    answered: list[float] = []
    with running_program(settings) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for question in questions[:RUNS]:
            # A visitor of its own: nothing is in the browser's cache.
            context = browser.new_context(viewport={"width": 1280, "height": 850}, locale="zh-CN")
            page = context.new_page()
            began = time.perf_counter()
            page.goto(url)
            page.wait_for_function(_READY)
            usable.append((time.perf_counter() - began) * 1000)
            page.locator("#pq-box textarea").fill(question)
            page.wait_for_timeout(300)
            answered.append(float(page.evaluate(_ANSWERED)))
            context.close()
        browser.close()
    return {
        "visits": len(usable),
        "usable_median_ms": round(statistics.median(usable)),
        "usable_max_ms": round(max(usable)),
        "answer_median_ms": round(statistics.median(answered)),
        "answer_max_ms": round(max(answered)),
    }
