"""The page by the rules of WCAG 2.2 AA, as axe-core checks them: nothing serious, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from running_page import Site, Visit, watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def serious(page: Any) -> list[str]:
    """What axe finds that keeps people out, a line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]} {each['nodes'][0]['failureSummary'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [
        pytest.param(1280, 800, "light", id="desk", marks=pytest.mark.slow),
        pytest.param(390, 844, "dark", id="phone in the dark"),
        pytest.param(1280, 800, "dark", id="desk in the dark", marks=pytest.mark.slow),
        pytest.param(390, 844, "light", id="phone", marks=pytest.mark.slow),
        pytest.param(640, 400, "light", id="zoomed", marks=pytest.mark.slow),
        pytest.param(640, 400, "dark", id="zoomed in the dark", marks=pytest.mark.slow),
    ],
)
def test_nothing_serious_is_found(site: Site, browser: Any, width: int, height: int, scheme: str) -> None:
    # The policy of the page forbids foreign scripts; axe is one.
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    try:
        visit = Visit(page=context.new_page())
        watch(context, visit)
        visit.page.goto(site.url)
        visit.box.wait_for()
        assert serious(visit.page) == []
        visit.ask("第五条的3亿美元审批权限现在还适用吗？")
        visit.page.locator("#pq-kept button").first.click()
        visit.page.locator("#pq-link").wait_for()
        assert serious(visit.page) == []
        # Nothing has to be scrolled sideways to be read, at 200 % zoom either (640 px stand for 1280).
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visit.complaints == []
    finally:
        context.close()
