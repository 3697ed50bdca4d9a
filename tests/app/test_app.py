"""Starting the page: the address, the settings, the HTML that is sent; and the desk behind it."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bcrypt
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

import app
from ingest.errors import BadInput, IndexBusy
from ingest.settings import Settings, load_settings
from rag.context import Focus
from rag.pipeline import Turn
from rag.types import Answer, Status
from rag.web.conversation import Conversation
from rag.web.desk import Desk
from rag.web.own_host import own_host_html
from rag.web.stopping import StoppedInTime
from rag.write import Listener


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_one_line_and_exit_code_2(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--port", str(taken)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"端口 {taken} 已被占用" in said


@pytest.mark.parametrize("port", ["abc", "-1", "70000", "８０"])
def test_a_bad_port_is_one_line_and_exit_code_2(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main([f"--port={port}"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "端口应是" in said


def test_a_bad_setting_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLICYQA_PORT", "many")
    assert app.main([]) == 2
    assert "POLICYQA_PORT" in capsys.readouterr().err


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BadInput, match="--host"):
        app.listen("203.0.113.7", 0)


def test_addresses_are_this_machine_unless_told_otherwise() -> None:
    defaults = {name: Settings.model_fields[name].default for name in ("host", "port")}
    assert defaults == {"host": "127.0.0.1", "port": 7860}
    with app.listen("127.0.0.1", 0) as listener:
        assert app._url(listener).startswith("http://127.0.0.1:")


def test_the_html_names_no_other_host() -> None:
    html = own_host_html(
        '<html lang="en"><head><meta charset="utf-8" /><base href="./" />'
        '<meta property="og:image" content="https://elsewhere/x.jpg" />'
        '<meta\n name="twitter:card" content="https://elsewhere" />'
        '<link rel="manifest" href="/manifest.json" /><link rel="preconnect" href="https://fonts.elsewhere" />'
        '<link rel="stylesheet" href="//fonts.elsewhere/css" /><link rel="stylesheet" href="./assets/own.css" />'
        '<script src="https://cdn.elsewhere/x.js"></script><script src="./assets/own.js"></script></head></html>'
    )
    assert "elsewhere" not in html
    assert "manifest" not in html
    assert './assets/own.css" />' in html
    assert '<script src="./assets/own.js"></script>' in html
    assert 'lang="zh-CN"' in html
    assert html.index("charset") < html.index("<script>") < html.index("own.js")


def test_making_the_page_opens_no_index(tmp_path: Path) -> None:
    page = app.create_app(load_settings(data=tmp_path / "none"))
    assert page.title == "政策问答"
    assert not (tmp_path / "none").exists()


class Assistant:
    """Answers each question with what the test gives for it."""

    def __init__(self, outcome: Answer | Exception) -> None:
        self.outcome = outcome

    def turn(self, _text: str, _focus: Focus, _listener: Listener) -> Any:
        """The given answer, or the given failure."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return SimpleNamespace(answer=self.outcome, focus=Focus(topic="土地"))

    def documents(self) -> tuple[()]:
        """None."""
        return ()


def desk_with(monkeypatch: pytest.MonkeyPatch, outcome: Answer | Exception) -> Desk:
    desk = Desk(load_settings())
    monkeypatch.setattr(desk, "assistant", lambda: Assistant(outcome))
    return desk


def test_a_known_failure_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_with(monkeypatch, IndexBusy("索引正在更新,请稍后再试"))
    views = list(desk.reply("谁牵头?", Conversation()))
    assert views[-1].conversation.messages[-1].text == "索引正在更新,请稍后再试"
    assert views[-1].box == "谁牵头?"
    # The page looks ready only once the event has ended, or the next question would be dropped.
    assert [view.busy for view in views] == [True, None, None]
    assert desk.remember(views[-1].conversation, [])[2]["interactive"] is False


def test_an_unknown_failure_keeps_the_conversation_and_the_question(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = Conversation(focus=Focus(topic="财政")).asked("前一问").answered("前一答")
    views = list(desk_with(monkeypatch, RuntimeError("secret")).reply("谁牵头?", before))
    last = views[-1].conversation
    assert [message.text for message in last.messages] == [
        "前一问",
        "前一答",
        "谁牵头?",
        "出了点问题，这次没有答成。请再试一次。",
    ]
    assert last.focus.topic == "财政"
    assert views[-1].box == "谁牵头?"
    assert "secret" in caplog.text


def test_an_answer_grows_and_carries_the_focus_on(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "第一句。第二句。\n\n> 第三句。 [1]"
    views = list(
        desk_with(monkeypatch, Answer(question="?", text=text, status=Status.ANSWERED)).reply(
            "?", Conversation()
        )
    )
    shown = [view.conversation.messages[-1].text for view in views]
    assert shown[0] == "正在查找条文……"
    assert shown[1] == "第一句。"
    assert shown[-1] == text
    assert views[-1].conversation.focus.topic == "土地"
    assert views[0].box == ""


def test_a_models_sentences_are_shown_as_they_come_and_stopping_stops_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listened: list[bool] = []
    done = threading.Event()

    class Writing:
        def turn(self, text: str, focus: Focus, listener: Listener) -> Turn:
            written = ("", "第一句。", "第一句。", "第一句。第二句。")
            listened.extend(listener(prose) for prose in written)
            answer = Answer(
                question=text, text="第一句。第二句。\n\n> 摘。", status=Status.ANSWERED, mode="llm"
            )
            done.wait(5)
            listened.append(listener("第一句。第二句。"))
            return Turn(answer=answer, focus=focus)

        def documents(self) -> tuple[()]:
            return ()

    desk = Desk(load_settings())
    monkeypatch.setattr(desk, "assistant", Writing)
    views = desk.reply("?", Conversation())
    shown = [next(views).conversation.messages[-1].text for _ in range(3)]
    assert shown == ["正在查找条文……", "第一句。", "第一句。第二句。"]
    done.set()
    assert [view.conversation.messages[-1].text for view in views][-1].endswith("> 摘。")
    assert listened == [True] * 5
    done.clear()
    views = desk.reply("?", Conversation())
    next(views)
    next(views)
    views.close()
    done.set()
    for _ in range(100):
        if len(listened) == 10:
            break
        time.sleep(0.02)
    assert listened[-1] is False


def test_the_cards_and_the_judgement_of_an_earlier_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk = desk_with(monkeypatch, Answer(question="?", text="答。 [1]", status=Status.ANSWERED))
    desk._settings = load_settings(data=tmp_path)
    talk = Conversation()
    for question in ("一？", "二？"):
        talk = list(desk.reply(question, talk))[-1].conversation
    assert [message.answer for message in talk.messages] == [None, 0, None, 1]
    assert 'pq-of-0"' in talk.shown()[1]["content"]
    assert (talk.in_view, desk.judged(talk, "useful", None, "")[:3]) == (1, "已记下")
    back, evidence = desk.look_back(talk, 0)
    assert (back.in_view, "第 1 问的依据：一？" in evidence) == (0, True)
    assert desk.judged(back, "useful", None, "").startswith("第 1 问：已记下")
    last, evidence = desk.look_back(back, 1)
    assert (last.in_view, "第 2 问" in evidence) == (1, False)
    # The next question is about its own answer again.
    assert list(desk.reply("三?", back))[-1].conversation.in_view == 2


@pytest.mark.parametrize("told", [None, "0", -1, 2, 1.0, [0]])
def test_an_answer_that_is_not_there_changes_nothing(monkeypatch: pytest.MonkeyPatch, told: object) -> None:
    desk = desk_with(monkeypatch, Answer(question="?", text="答。", status=Status.ANSWERED))
    talk = list(desk.reply("一?", Conversation()))[-1].conversation
    assert all(part.get("__type__") == "update" and len(part) == 1 for part in desk.look_back(talk, told))


def test_what_was_shown_of_a_stopped_answer_leads_to_no_other_answers_cards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = desk_with(monkeypatch, Answer(question="?", text="答一。答二。 [1]", status=Status.ANSWERED))
    views = desk.reply("一?", Conversation())
    next(views)
    half = next(views).conversation
    assert half.messages[-1].answer == 0
    assert desk.stopped(half)[0].messages[-1].answer is None
    assert half.asked("二?").messages[1].answer is None


def test_stopping_keeps_what_was_shown() -> None:
    desk = Desk(load_settings())
    waiting = Conversation().asked("问").answered("正在查找条文……")
    assert "已停止" in str(desk.stopped(waiting)[1])
    half = Conversation().asked("问").answered("第一句。")
    assert desk.stopped(half)[0] == half
    assert desk.stopped(Conversation())[0] == Conversation()


def test_who_asks_too_fast_is_told_how_long_to_wait_and_keeps_the_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(load_settings().model_copy(update={"questions_per_minute": 3}))
    answer = Answer(question="?", text="答。", status=Status.ANSWERED)
    monkeypatch.setattr(desk, "assistant", lambda: Assistant(answer))
    visitor = SimpleNamespace(client=SimpleNamespace(host="10.0.0.7"))
    first = list(desk.send("问一", Conversation(), visitor))  # type: ignore[arg-type]
    assert "答。" in str(first[-1])
    (second,) = desk.send("问二", Conversation(), visitor)  # type: ignore[arg-type]
    assert second[0] == "问二" and "问得太快了，请过 20 秒再问" in str(second[2])
    talk = first[-1][1]
    assert "请过 20 秒再试" in desk.judged(talk, "useful", None, "", visitor)  # type: ignore[arg-type]
    other = SimpleNamespace(client=SimpleNamespace(host="10.0.0.8"))
    assert "答。" in str(list(desk.pick("问三", Conversation(), other))[-1])  # type: ignore[arg-type]


@pytest.mark.parametrize("with_password", [True, False])
def test_administration_is_there_only_with_a_password(tmp_path: Path, with_password: bool) -> None:
    hashed = bcrypt.hashpw(b"Lanzhou-2026", bcrypt.gensalt(4)).decode() if with_password else None
    settings = load_settings(data=tmp_path / "none").model_copy(
        update={"admin_password_hash": SecretStr(hashed) if hashed else None}
    )
    with TestClient(app.web_app(app.create_app(settings), settings)) as client:
        public, admin = client.get("/"), client.get("/admin/")
    assert public.status_code == 200 and "政策问答" in public.text
    assert public.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self'" in public.headers["content-security-policy"]
    assert (admin.status_code == 200) is with_password
    if with_password:
        assert "frame-ancestors 'none'" in admin.headers["content-security-policy"]
        assert "收录" not in admin.text


def test_when_too_many_ask_at_once_the_question_stays_in_the_box(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(load_settings())
    monkeypatch.setattr(
        desk, "_answer", lambda *_: (Answer(question="", text="答。", status=Status.CLARIFY), Focus())
    )
    waiting = []
    visitor = SimpleNamespace(client=None)
    monkeypatch.setattr(desk.limit, "seconds_to_wait", lambda _: 0)
    while len(waiting) < 100:
        views = desk.send("问", Conversation(), visitor)  # type: ignore[arg-type]
        first = next(views)
        if "问的人太多" in str(first[2]):
            break
        waiting.append(views)
    assert len(waiting) == 32 and first[0] == "问"
    # Whoever leaves makes room.
    waiting.pop().close()
    assert "答。" in str(list(desk.send("问", Conversation(), visitor))[-1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "cause", "told"),
    [
        (RuntimeError("response already started"), HTTPException(404), False),
        (RuntimeError("response already started"), HTTPException(500), True),
        (RuntimeError("broken"), None, True),
        (None, None, True),
    ],
)
def test_only_a_reader_who_left_is_not_told_in_the_log(
    error: Exception | None, cause: Exception | None, told: bool
) -> None:
    if error is not None:
        error.__cause__ = cause
    info = (type(error), error, None) if error is not None else None
    record = logging.LogRecord(
        "uvicorn.error", logging.ERROR, "", 0, "Exception in ASGI application", (), info
    )
    assert app.is_worth_telling(record) is told


@pytest.mark.parametrize(
    ("path", "error", "status"),
    [
        ("/gradio_api/cancel", KeyError("gone"), 200),
        ("/en/gradio_api/cancel", KeyError("gone"), 200),
        ("/gradio_api/cancel", None, 202),
        ("/gradio_api/run/ask", KeyError("gone"), 500),
        ("/gradio_api/cancel", ValueError("broken"), 500),
    ],
)
def test_what_has_ended_cannot_be_stopped_and_that_is_no_failure(
    path: str, error: Exception | None, status: int
) -> None:
    async def stop(_request: Request) -> Response:
        if error is not None:
            raise error
        return Response(status_code=202)

    program = StoppedInTime(Starlette(routes=[Route(path, stop, methods=["POST"])]))
    assert TestClient(program, raise_server_exceptions=False).post(path).status_code == status
