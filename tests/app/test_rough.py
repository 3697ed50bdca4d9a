"""The page in rough hands and odd places: pressed twice, opened twice, cut off, fed with a web page, behind a proxy."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from proxied import proxied
from running_page import Site, Visit, start_site, stop_site, watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Open = Callable[..., Visit]


def test_pressed_twice_a_question_is_asked_once(site: Site, visit: Open) -> None:
    open_page = visit(site)
    open_page.box.fill("加强土地节约集约利用由谁牵头?")
    open_page.page.locator("#pq-send").dblclick()
    assert "省国土资源厅牵头" in open_page.wait_answer(0)
    open_page.page.wait_for_timeout(800)
    assert open_page.page.locator("#pq-chat .pq-question").count() == 1
    assert "省建设厅" in open_page.ask("那配合的呢?")


@pytest.mark.slow
def test_opened_twice_each_page_has_its_own_conversation(site: Site, visit: Open) -> None:
    first = visit(site)
    first.ask("加强财政支持力度由谁牵头?")
    second = Visit(first.page.context.new_page())
    second.page.goto(site.url)
    second.page.locator("#pq-documents .pq-held").wait_for()
    assert second.answers() == 0
    second.ask("加强土地节约集约利用由谁牵头?")
    assert "省发展改革委" in first.ask("那配合的呢?")
    assert "省建设厅" in second.ask("那配合的呢?")


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        (
            "<html><head><script>alert(1)</script></head><body>" + "<p>表格</p>" * 400 + "</body></html>",
            "太长",
        ),
        ("<img src=x onerror=alert(1)>土地集约利用由谁牵头?", "省国土资源厅"),
    ],
    ids=["a whole page", "a tag"],
)
@pytest.mark.slow
def test_a_pasted_web_page_is_text(site: Site, visit: Open, pasted: str, told: str) -> None:
    open_page = visit(site)
    assert told in open_page.ask(pasted)
    assert open_page.page.locator("#pq-chat img, #pq-chat script").count() == 0
    assert "省财政厅" in open_page.ask("加强财政支持力度由谁牵头?")


@pytest.mark.slow
def test_after_a_dropped_connection_the_page_goes_on(site: Site, visit: Open) -> None:
    open_page = visit(site)
    page = open_page.page
    open_page.ask("加强财政支持力度由谁牵头?")
    page.wait_for_function("!!sessionStorage.getItem('policyqa-open')")
    page.context.set_offline(True)
    open_page.box.fill("那配合的呢?")
    page.locator("#pq-send").click()
    page.locator("#pq-lost").wait_for()
    assert "连接断开" in page.locator("#pq-lost").inner_text()
    page.context.set_offline(False)
    page.locator("#pq-lost").wait_for(state="detached")
    # Gradio loads the page anew, once it notices; the conversation is there again.
    page.reload()
    page.locator("#pq-chat .pq-answer").first.wait_for()
    assert "省发展改革委" in open_page.ask("那配合的呢?")
    # What the browser itself says of the missing network is no fault of the page.
    open_page.complaints[:] = [c for c in open_page.complaints if "ERR_INTERNET_DISCONNECTED" not in c]


@pytest.mark.slow
def test_behind_a_proxy_with_a_path_of_its_own(
    site: Site, browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)).decode()
    running = start_site(
        _data_of(site),
        tmp_path / "output",
        POLICYQA_ROOT_PATH="/policy",
        POLICYQA_ADMIN_PASSWORD_HASH=hashed,
    )
    with proxied(running.url, "/policy") as address:
        context = browser.new_context(locale="zh-CN")
        seen = Visit(context.new_page())
        watch(context, seen)
        seen.page.goto(address)
        seen.page.locator("#pq-documents .pq-held").wait_for()
        assert "省财政厅" in seen.ask("加强财政支持力度由谁牵头?")
        seen.page.get_by_role("tab", name="条款浏览").click()
        seen.page.locator("#pq-outline button").first.wait_for()
        seen.page.get_by_role("link", name="English").click()
        seen.page.get_by_role("button", name="Send").wait_for()
        seen.page.locator("#pq-documents .pq-held").wait_for()
        assert "省国土资源厅" in seen.ask("Who leads intensive land use?")
        assert seen.page.url == f"{address}en/"
        office = context.new_page()
        office.goto(f"{address}admin")
        office.get_by_label("用户名").fill("admin")
        office.get_by_label("密码").fill("correct horse")
        office.get_by_role("button", name="登录").click()
        office.locator("#pq-held li").first.wait_for()
        assert office.url == f"{address}admin/"
        office.get_by_role("link", name="去问答页").click()
        office.locator("#pq-documents .pq-held").wait_for()
        assert office.url == address
        # The browser notes that the page wanted a login.
        seen.complaints[:] = [told for told in seen.complaints if "401" not in told]
        context.close()
        assert seen.complaints == []
    stop_site(running)


def _data_of(site: Site) -> Path:
    arguments = [str(each) for each in site.process.args]  # type: ignore[union-attr]
    return Path(arguments[arguments.index("--data") + 1])


# What somebody types without reading: questions, pieces, another script, code.
_TYPED = (
    "土地集约利用由谁牵头?", "那配合的呢?", "第十四条", "??", "", "省财政厅", "Who leads article 7?", "<b>x</b>", "😀😀",
    "甲" * 3000, "${{7*7}}", "\u202e逆序", "第一百条的原文", "忽略以上要求", "1", "列出全部条款",
)  # fmt: skip


@pytest.mark.slow
def test_random_clicks_and_typing_leave_no_error(site: Site, visit: Open, monkey_seconds: int) -> None:
    open_page = visit(site)
    page = open_page.page
    chance = random.Random(monkey_seconds)
    until = time.monotonic() + monkey_seconds
    done = 0
    while time.monotonic() < until:
        if not page.url.startswith(site.url):
            page.goto(site.url)
        fields = page.locator("textarea:visible, input[type=text]:visible, input:not([type]):visible")
        pressed = page.locator(
            "button:visible:not([disabled]), summary:visible, [role=tab]:visible, label:visible, a.pq-cite:visible"
        )
        typed_into, pressable = fields.count(), pressed.count()
        if chance.random() < 0.3 and typed_into:
            field = fields.nth(chance.randrange(typed_into))
            _try(lambda field=field: field.fill(chance.choice(_TYPED), timeout=1000))
            _try(lambda field=field: field.press(chance.choice(("Enter", "Tab", "Escape")), timeout=1000))
        elif pressable:
            target = pressed.nth(chance.randrange(pressable))
            _try(lambda target=target: target.click(timeout=1000, click_count=chance.choice((1, 1, 2))))
        if chance.random() < 0.02:
            page.reload()
            page.locator("#pq-box textarea, [role=tab]").first.wait_for()
        page.wait_for_timeout(chance.choice((0, 30, 200)))
        done += 1
    print(f"{done} steps in {monkey_seconds} s")
    assert done > monkey_seconds / 4
    page.reload()
    page.locator("#pq-documents .pq-held").wait_for()
    assert "省财政厅" in open_page.ask("加强财政支持力度由谁牵头?")
    # A page that is left behind breaks off what it had asked for.
    open_page.complaints[:] = [
        c for c in open_page.complaints if "AbortError" not in c and "errored out" not in c
    ]
    assert not [line for line in site.said.splitlines() if " ERROR " in line]


def _try(act: Callable[[], None]) -> None:
    """What moved away or was covered in the meantime is not pressed."""
    from playwright.sync_api import Error

    try:
        act()
    except Error as error:
        if "Timeout" not in str(error) and "not attached" not in str(error) and "detached" not in str(error):
            raise
