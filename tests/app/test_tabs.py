"""The tabs beside the conversation, driven in a browser: who does what, reading, comparing; in English, on a phone."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running_page import Site, Visit, watch
from test_accessible import serious

# One worker runs them all (pytest -n 2 --dist loadgroup): a second one would start a second program.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Open = Callable[..., Visit]
TABS = {
    "部门职责": "#pq-body-results .pq-profile",
    "条款浏览": "#pq-clause .pq-unit",
    "对照": "#pq-compared .pq-pair",
}
ENGLISH = {"Who does what": "部门职责", "Documents": "条款浏览", "Compare": "对照"}


def enter(page: Any, name: str) -> Any:
    """Open a tab; the page once its content is there."""
    page.get_by_role("tab", name=name, exact=True).click()
    page.locator(TABS[ENGLISH.get(name, name)]).first.wait_for()
    return page


def choose(page: Any, field: str, option: str) -> None:
    page.locator(f"{field} input").click()
    page.get_by_role("option", name=option).first.click()


def wait_article(page: Any, label: str) -> Any:
    """The article shown, once it is the one of this label."""
    page.locator("#pq-clause h3", has_text=label).wait_for()
    return page.locator("#pq-clause .pq-unit")


@pytest.mark.slow
def test_a_body_is_found_by_its_old_new_and_nick_name(site: Site, visit: Open) -> None:
    page = enter(visit(site).page, "部门职责")
    profiles = page.locator("#pq-body-results .pq-profile")
    assert profiles.count() > 10
    for name, by_key in (("省国土资源厅", True), ("省自然资源厅", False), ("国土局", True)):
        page.locator("#pq-body textarea, #pq-body input").first.fill(name)
        if by_key:
            page.keyboard.press("Enter")
        else:
            page.locator("#pq-body-search").click()
        page.wait_for_function("document.querySelectorAll('#pq-body-results .pq-profile').length === 1")
        assert profiles.locator("strong").inner_text() == "省国土资源厅"
        assert "甘肃省自然资源厅" in profiles.locator(".pq-today").inner_text()
        # Back to all of them.
        choose(page, "#pq-body-choice", "全部部门")
        page.wait_for_function("document.querySelectorAll('#pq-body-results .pq-profile').length > 10")
    page.locator("#pq-body textarea, #pq-body input").first.fill("<b>没有这个厅")
    page.keyboard.press("Enter")
    page.locator("#pq-body-results .pq-fault", has_text="没有认出“<b>没有这个厅”是哪个单位").wait_for()


@pytest.mark.slow
def test_a_body_is_filtered_saved_and_read_on(site: Site, visit: Open) -> None:
    page = enter(visit(site).page, "部门职责")
    page.locator("#pq-body-chart canvas, #pq-body-chart svg.marks").first.wait_for()
    assert "同样的数字在上面的清单里" in page.locator('[role="graphics-document"]').get_attribute(
        "aria-label"
    )
    choose(page, "#pq-body-choice", "省财政厅")
    choose(page, "#pq-body-document", "甘肃省人民政府办公厅关于促进国家级经济技术开发区")
    page.locator("#pq-body-role label", has_text="牵头").click()
    page.wait_for_function("document.querySelectorAll('#pq-body-results .pq-tag').length === 1")
    assert "(十四)加强财政支持力度" in page.locator("#pq-body-results .pq-parts").inner_text()
    with page.expect_download() as download:
        page.locator("#pq-body-csv").click()
    assert download.value.suggested_filename == "部门职责-省财政厅.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert [row[0] for row in rows] == ["单位", "省财政厅"] and rows[1][2] == "牵头"
    page.locator("#pq-body-results .pq-open").click()
    assert "省财政厅" in wait_article(page, "(十四)").inner_text()


def test_a_document_is_read_by_outline_number_and_words(site: Site, visit: Open) -> None:
    page = enter(visit(site).page, "条款浏览")
    assert page.locator("#pq-outline .pq-open").count() == 26
    page.locator("#pq-outline .pq-open", has_text="(十九)").click()
    assert "甘肃省自然资源厅" in wait_article(page, "(十九)").inner_text()
    assert page.locator("#pq-outline [aria-current=true]").inner_text().startswith("(十九)")
    page.locator("#pq-jump textarea, #pq-jump input").first.fill("14")
    page.keyboard.press("Enter")
    wait_article(page, "(十四)")
    page.locator("#pq-after").click()
    wait_article(page, "(十五)")
    page.locator("#pq-before").click()
    wait_article(page, "(十四)")
    page.locator("#pq-jump textarea, #pq-jump input").first.fill("99")
    page.keyboard.press("Enter")
    page.locator("#pq-browse-fault .pq-fault", has_text="它有第 1 条到第 24 条").wait_for()
    wait_article(page, "(十四)")
    page.locator("#pq-find textarea, #pq-find input").first.fill("管委会")
    page.locator("#pq-find-go").click()
    page.locator("#pq-found", has_text="在 4 条里").wait_for()
    assert page.locator("#pq-browse-fault .pq-fault").count() == 0
    page.locator("#pq-found .pq-open", has_text="(二十一)").click()
    assert wait_article(page, "(二十一)").locator("mark").all_inner_texts() == ["管委会"]
    page.locator("#pq-find textarea, #pq-find input").first.fill("贷款贴息")
    page.keyboard.press("Enter")
    assert wait_article(page, "(十四)").locator("mark").all_inner_texts() == ["贷款贴息"]


@pytest.mark.slow
def test_a_card_leads_to_its_clause_and_to_the_document_above(site: Site, visit: Open) -> None:
    open_page = visit(site)
    page = open_page.page
    open_page.ask("基础设施项目贷款贴息由哪个部门牵头？")
    open_page.cards.first.get_by_role("button", name="在全文中看").click()
    wait_article(page, "(十四)")
    assert page.get_by_role("tab", name="条款浏览").get_attribute("aria-selected") == "true"
    page.get_by_role("tab", name="问答").click()
    open_page.cards.first.locator(".pq-above .pq-open").first.click()
    above = wait_article(page, "(九)带动区域协调发展")
    assert above.locator(".pq-kind").inner_text().startswith("提要，非原文")
    # The conversation is still there.
    page.get_by_role("tab", name="问答").click()
    assert "省财政厅" in page.locator("#pq-chat .pq-answer").inner_text()


@pytest.mark.slow
def test_both_sides_are_compared(site: Site, visit: Open) -> None:
    page = enter(visit(site).page, "对照")
    assert page.locator("#pq-compared .pq-pair").count() == 24
    choose(page, "#pq-compare-article", "(十四)")
    page.wait_for_function("document.querySelectorAll('#pq-compared .pq-pair').length === 1")
    own, above = page.locator("#pq-compared .pq-side").all()
    assert "省财政厅牵头" in own.inner_text() and "提要，非原文" in above.inner_text()
    assert "部分对应" in page.locator("#pq-compared .pq-pair h3").inner_text()
    # Beside each other on a desk.
    assert own.bounding_box()["y"] == above.bounding_box()["y"]
    above.locator(".pq-open").click()
    wait_article(page, "(九)带动区域协调发展")


def test_on_a_phone_nothing_scrolls_sideways_and_the_outline_is_short(site: Site, visit: Open) -> None:
    page = visit(site, width=390, height=844).page
    for name in TABS:
        enter(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name
    enter(page, "条款浏览")
    outline, clause = page.locator("#pq-outline").bounding_box(), page.locator("#pq-clause").bounding_box()
    assert outline["height"] < 844 * 0.36 and outline["y"] + outline["height"] <= clause["y"]
    # All of it can be reached inside.
    page.locator("#pq-outline .pq-open").last.click()
    wait_article(page, "文件结尾")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.slow
def test_the_tabs_speak_english(site: Site, visit: Open) -> None:
    open_page = visit(site, width=390, height=844)
    page = open_page.page
    open_page.open_anew(f"{site.url}/en/")
    for name, expected in (
        ("Who does what", ("All bodies", "Download CSV", "Clauses by body", "Who works with whom", "Lead: ")),
        ("Documents", ("Choose a document", "Go to article", "Previous", "Opening of the document")),
        ("Compare", ("Choose an article", "From Gansu", "Above it", "Digest, not the original", "direct")),
    ):
        shown = enter(page, name).locator('[role="tabpanel"]:visible').first
        # What is chosen in a list is the value of its field.
        text = shown.inner_text() + " ".join(
            field.input_value() for field in shown.locator("input[role=combobox]").all()
        )
        assert [words for words in expected if words not in text] == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    enter(page, "Documents").locator("#pq-jump textarea, #pq-jump input").first.fill("article 14")
    page.keyboard.press("Enter")
    assert "Cooperating" in wait_article(page, "Article 14").inner_text()


@pytest.mark.slow
def test_nothing_serious_is_found_on_any_tab(site: Site, browser: Any) -> None:
    # The policy of the page forbids foreign scripts; axe is one.
    context = browser.new_context(viewport={"width": 1280, "height": 850}, bypass_csp=True)
    try:
        made = Visit(page=context.new_page())
        watch(context, made)
        made.page.goto(site.url)
        made.box.wait_for()
        for name in TABS:
            enter(made.page, name)
            # A colour that is still changing has no contrast yet.
            made.page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
            assert serious(made.page) == [], name
        assert made.complaints == []
    finally:
        context.close()
