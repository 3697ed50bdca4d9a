"""The page itself, driven in a browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running_page import Site, Visit, build_index

from rag.web.page import EXAMPLES

# One worker runs them all (pytest -n 2 --dist loadgroup): a second one would start a second program.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Open = Callable[..., Visit]


def test_answers_stand_beside_the_clauses_they_rest_on(site: Site, visit: Open) -> None:
    open_page = visit(site)
    for question, lead, now, label in (
        ("基础设施项目贷款贴息由哪个部门牵头？", "省财政厅", "", "(十四)"),
        ("加强土地节约集约利用由谁牵头?", "省国土资源厅", "甘肃省自然资源厅", "(十九)"),
        ("提高招商引资质量和水平由谁牵头?", "省商务厅", "", "(七)"),
    ):
        assert lead in open_page.ask(question)
        card = open_page.cards.first
        assert card.locator("h3").inner_text().startswith(f"[1] {label}")
        assert card.locator(".pq-lead").inner_text().startswith(lead)
        assert now in card.locator(".pq-lead").inner_text()
        assert card.locator(".pq-cooperating").count() >= 1
        assert "国家级经济技术开发区" in card.locator(".pq-document").inner_text()
        mark = card.locator("mark").first.inner_text()
        assert mark
        assert mark in card.locator(".pq-text").inner_text()
    assert open_page.page.locator("#pq-chat .pq-question").count() == 3


def test_a_follow_up_and_a_new_beginning(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.ask("加强土地节约集约利用由谁牵头?")
    assert "省建设厅" in open_page.ask("那配合的呢?")
    open_page.page.locator("#pq-clear").click()
    open_page.page.locator("#pq-chat .pq-answer").first.wait_for(state="detached")
    assert open_page.cards.count() == 0
    assert "省建设厅" not in open_page.ask("那配合的呢?")


def test_the_page_is_chinese_and_can_be_used_by_keyboard(site: Site, visit: Open) -> None:
    open_page = visit(site)
    page = open_page.page
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.title() == "政策问答"
    assert "不是政府部门的正式答复" in page.locator("#pq-head").inner_text()
    assert "已收录" in page.locator("#pq-documents").inner_text()
    assert page.get_by_label("您的问题").count() == 1
    open_page.box.focus()
    page.keyboard.type("第十四条")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("的原文是什么？")
    assert open_page.box.input_value() == "第十四条\n的原文是什么？"
    # A page still drawing under load may take the focus away; then one goes back to the box as a user would.
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "pq-send":
            break
        page.wait_for_timeout(500)
        open_page.box.focus()
    assert page.evaluate("document.activeElement.id") == "pq-send"
    page.keyboard.press("Enter")
    assert "(十四)" in open_page.wait_answer(0)
    labels = page.locator("#pq-chat [aria-label]").evaluate_all(
        "found => found.map(element => element.getAttribute('aria-label'))"
    )
    assert not [label for label in labels if "<" in label or "message" in label]


def test_the_number_in_the_answer_leads_to_its_card(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.ask("省商务厅牵头哪几条？")
    details = open_page.cards.locator("details")
    assert open_page.cards.count() == 5
    assert [details.nth(n).get_attribute("open") is not None for n in range(5)] == [True] * 3 + [False] * 2
    open_page.page.locator("#pq-chat a.pq-cite").nth(4).click()
    open_page.page.wait_for_function("document.activeElement.id === 'pq-card-5'")
    assert details.nth(4).get_attribute("open") is not None


@pytest.mark.slow
def test_the_number_in_an_earlier_answer_brings_its_cards_back(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.ask("省商务厅牵头哪几条？")
    open_page.ask("第十四条由谁牵头?")
    assert open_page.cards.count() == 1
    earlier = open_page.page.locator("#pq-chat .pq-answer").first
    earlier.locator("a.pq-cite").nth(4).click()
    open_page.page.wait_for_function("document.activeElement.id === 'pq-card-5'")
    assert open_page.page.locator("#pq-cards .pq-back").inner_text() == "第 1 问的依据：省商务厅牵头哪几条？"
    open_page.page.locator("#pq-useful").click()
    open_page.page.locator("#pq-told p").wait_for()
    assert open_page.page.locator("#pq-told").inner_text().startswith("第 1 问：")
    open_page.page.locator("#pq-chat .pq-answer").last.locator("a.pq-cite").first.click()
    open_page.page.wait_for_function("document.querySelectorAll('#pq-cards .pq-card').length === 1")
    assert open_page.page.locator("#pq-cards .pq-back").count() == 0


def test_enter_inside_an_input_method_does_not_send(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.box.fill("zhaoshang")
    open_page.box.evaluate(
        """element => {
          for (const [type, more] of [["keydown", {isComposing: true}], ["keypress", {isComposing: true}],
                                      ["keydown", {keyCode: 229}], ["keypress", {keyCode: 229}]]) {
            element.dispatchEvent(new KeyboardEvent(type, {key: "Enter", code: "Enter", bubbles: true, ...more}));
          }
        }"""
    )
    open_page.page.wait_for_timeout(600)
    assert open_page.answers() == 0
    assert open_page.box.input_value() == "zhaoshang"


def test_an_example_is_asked_and_what_is_being_typed_stays(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.box.fill("还没写完")
    example = EXAMPLES["zh"]["机关工作人员"][0]
    open_page.page.get_by_role("button", name=example).click()
    assert "省商务厅牵头" in open_page.wait_answer(0)
    assert open_page.page.locator("#pq-chat .pq-question").inner_text() == example
    assert open_page.box.input_value() == "还没写完"


@pytest.mark.slow
def test_every_example_is_answered_from_the_documents_in_little_memory(site: Site, visit: Open) -> None:
    open_page = visit(site)
    for question in (question for group in EXAMPLES["zh"].values() for question in group):
        open_page.page.get_by_role("button", name=question).click()
        open_page.wait_answer(0)
        assert open_page.cards.count() >= 1, question
        # Examples are for a beginning; an answer takes their place.
        open_page.page.locator("#pq-clear").click()
        open_page.page.locator("#pq-chat .pq-answer").first.wait_for(state="detached")
    assert site.memory_mb < 700
    assert "libtorch" not in site.libraries


def test_what_is_no_question_gets_one_line_and_loses_nothing(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.ask("加强土地节约集约利用由谁牵头?")
    for question, line, shown in (
        ("", "请输入想问的问题", 1),
        ("😀🎉👍", "没有可以查的文字", 2),
        ("\x01\x02\x03\x04\x05", "不能识别", 3),
        ("财" * 10_000, "问题太长", 4),
    ):
        said = open_page.ask(question)
        assert line in said
        assert "\n" not in said.strip()
        assert open_page.cards.count() == 1
        assert open_page.page.locator("#pq-chat .pq-question").count() == shown
    assert len(open_page.box.input_value()) == 10_000
    assert "省财政厅" in open_page.ask("基础设施项目贷款贴息由哪个部门牵头？")


def test_markup_in_a_question_is_shown_as_typed(site: Site, visit: Open) -> None:
    typed = (
        '<img src=x onerror="alert(1)"><script>alert(2)</script> **粗** [点](javascript:alert(3)) # &lt; `码`'
    )
    typed += " ![图](http://elsewhere.example/x.png) $x^2$ </div>"
    open_page = visit(site)
    open_page.ask(typed)
    question = open_page.page.locator("#pq-chat .pq-question")
    assert question.inner_text() == typed
    assert question.locator("*").count() == 0


def test_evidence_is_on_the_right_of_a_desktop_and_below_on_a_phone(site: Site, visit: Open) -> None:
    open_page = visit(site, width=900, height=700)
    page = open_page.page
    open_page.ask("省商务厅牵头哪几条？")
    chat, evidence = page.locator("#pq-chat").bounding_box(), page.locator("#pq-evidence").bounding_box()
    assert evidence["x"] >= chat["x"] + chat["width"]
    assert abs(evidence["y"] - chat["y"]) < 2
    assert page.evaluate("document.documentElement.scrollWidth") == 900
    page.set_viewport_size({"width": 390, "height": 844})
    open_page.ask("x" * 1900)
    chat, evidence = page.locator("#pq-chat").bounding_box(), page.locator("#pq-evidence").bounding_box()
    assert evidence["y"] >= chat["y"] + chat["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert (
        page.evaluate("(log => log.scrollWidth - log.clientWidth)(document.querySelector('[role=log]'))") <= 0
    )


@pytest.mark.slow
def test_an_answer_grows_and_is_there_within_a_second(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.ask("省商务厅牵头哪几条？")
    open_page.page.evaluate(
        """() => {
          window.lengths = new Set();
          new MutationObserver(() => {
            const answers = document.querySelectorAll("#pq-chat .pq-answer");
            if (answers.length > 1) window.lengths.add(answers[answers.length - 1].textContent.length);
          }).observe(document.querySelector("#pq-chat"), {subtree: true, childList: true, characterData: true});
        }"""
    )
    began = time.monotonic()
    open_page.ask("省财政厅牵头和配合哪几条?")
    assert time.monotonic() - began < 5
    assert open_page.page.evaluate("window.lengths.size") >= 3


@pytest.mark.slow
def test_a_missing_or_broken_index_is_told_and_answers_begin_once_it_is_built(
    empty_site: tuple[Site, Path], visit: Open
) -> None:
    running, data = empty_site
    open_page = visit(running)
    question = "基础设施项目贷款贴息由哪个部门牵头？"
    assert "python -m ingest build" in open_page.page.locator("#pq-documents").inner_text()
    assert "python -m ingest build" in open_page.ask(question)
    assert open_page.box.input_value() == question
    data.mkdir(exist_ok=True)
    (data / "catalogue.sqlite3").write_bytes(b"SQLite format 3\x00 cut short")
    assert "python -m ingest build" in open_page.ask(question)
    build_index(data)
    assert "省财政厅" in open_page.ask(question)
    assert "已收录" in open_page.page.locator("#pq-documents").inner_text()


@pytest.mark.slow
def test_a_question_can_be_asked_again_changed_and_followed_up(site: Site, visit: Open) -> None:
    open_page = visit(site)
    page = open_page.page
    first = open_page.ask("加强财政支持力度由谁牵头?")
    page.locator("#pq-again").click()
    page.wait_for_function("!document.querySelector('#pq-stop').disabled")
    assert open_page.wait_answer(0) == first
    page.locator("#pq-next button", has_text="第十四条的原文是什么？").click()
    assert "探索完善财政资金投入方式" in open_page.wait_answer(1)
    page.locator("#pq-edit").click()
    page.wait_for_function("document.querySelectorAll('#pq-chat .pq-answer').length === 1")
    assert open_page.box.input_value() == "第十四条的原文是什么？"
    # The conversation is the one before that question: 它 is still (十四).
    assert "省发展改革委" in open_page.ask("它由谁配合?")


@pytest.mark.slow
def test_conversations_stay_in_the_browser_and_travel_by_link(site: Site, visit: Open) -> None:
    open_page = visit(site)
    page = open_page.page
    open_page.ask("加强财政支持力度由谁牵头?")
    open_page.ask("那配合的呢?")
    page.locator("#pq-clear").click()
    page.locator("#pq-chat .pq-answer").first.wait_for(state="detached")
    page.locator("#pq-kept button").first.click()
    page.locator("#pq-picker input").click()
    page.get_by_role("option", name="加强财政支持力度由谁牵头?（2 问）").click()
    page.wait_for_function("document.querySelectorAll('#pq-chat .pq-answer').length === 2")
    assert "(十四)" in open_page.ask("这条的原文是什么？")
    page.locator("#pq-share").click()
    page.wait_for_function(
        "document.querySelector('#pq-link textarea, #pq-link input').value.startsWith('http')"
    )
    link = page.locator("#pq-link textarea, #pq-link input").first.input_value()
    open_page.open_anew(link)
    before = page.evaluate("JSON.stringify(localStorage)")
    page.wait_for_function("document.querySelectorAll('#pq-chat .pq-answer').length === 3", timeout=30_000)
    # Once it is answered, it is kept as well.
    page.wait_for_function("before => JSON.stringify(localStorage) !== before", arg=before)
    assert page.locator("#pq-chat .pq-question").all_inner_texts() == [
        "加强财政支持力度由谁牵头?",
        "那配合的呢?",
        "这条的原文是什么？",
    ]
    page.locator("#pq-kept button").first.click()
    kept = page.evaluate("JSON.stringify(localStorage).length")
    page.locator("#pq-forget").click()
    # The browser writes the change a little later, and what is kept is encrypted: nothing is much shorter than three answers.
    page.wait_for_function("kept => JSON.stringify(localStorage).length < kept / 2", arg=kept)
    open_page.open_anew(site.url)
    page.locator("#pq-kept button").first.click()
    page.locator("#pq-picker input").click()
    assert not page.get_by_role("option", name="加强财政支持力度").count()


@pytest.mark.slow
def test_a_conversation_is_exported_with_its_evidence(site: Site, visit: Open) -> None:
    open_page = visit(site)
    page = open_page.page
    open_page.ask("加强土地节约集约利用由谁牵头?")
    open_page.ask("那配合的呢?")
    page.locator("#pq-kept button").first.click()
    told = _downloaded(page, "#pq-markdown", ".md").decode()
    assert "加强土地节约集约利用由谁牵头" in told and "那配合的呢" in told
    assert "省国土资源厅" in told and "不是政府部门的正式答复" in told
    assert len(_downloaded(page, "#pq-word", ".docx")) > 500
    page.get_by_label("只导出眼前这个回答").check()
    alone = _downloaded(page, "#pq-markdown", ".md").decode()
    assert "那配合的呢" in alone and "加强土地节约集约利用由谁牵头" not in alone


def _downloaded(page: Any, button: str, ending: str) -> bytes:
    page.locator(button).click()
    link = page.locator(f"#pq-file a[href$='{ending}']").first
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(ending)
    return Path(download.value.path()).read_bytes()


@pytest.mark.slow
def test_a_reader_says_what_an_answer_was_worth(site: Site, visit: Open) -> None:
    open_page = visit(site)
    page = open_page.page
    assert not page.locator("#pq-opinion").is_visible()
    open_page.ask("加强土地节约集约利用由谁牵头?")
    page.locator("#pq-useful").click()
    page.locator("#pq-told", has_text="已记下").wait_for()
    page.locator("#pq-useless").click()
    page.locator("#pq-why textarea").fill("部门现在改名了")
    page.locator("#pq-say").click()
    page.locator("#pq-why").wait_for(state="hidden")
    page.locator("#pq-told", has_text="已记下").wait_for()
