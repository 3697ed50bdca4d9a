"""What programs call: over HTTP by hand and with Gradio's client, and as tools of the Model Context Protocol."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent, Tool
from running_page import build_index
from served import served

import app
from ingest.errors import BadInput, IndexBusy
from ingest.library import Library
from ingest.settings import Settings, load_settings
from rag.build import Assistant
from rag.web.api import Endpoints, Refused, add_endpoints
from rag.web.desk import Desk
from rag.web.limits import RateLimit
from rag.web.metrics import Metrics

POLICY = "gansu-etdz-2015"
NAMES = ("ask", "search", "clause", "department")
CITATION = {
    "document_id", "document_title", "document_number", "section", "path", "article", "label", "heading", "quote",
    "start", "end", "lead", "cooperating", "kind", "source",
}  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over the shipped documents' index."""
    return load_settings(data=build_index(tmp_path_factory.mktemp("api") / "data"))


@pytest.fixture(scope="module")
def url(settings: Settings) -> Iterator[str]:
    """The program with the four calls and MCP."""
    with served(program(settings)) as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Client:
    return Client(url, verbose=False, analytics_enabled=False)


@pytest.fixture(scope="module")
def endpoints(settings: Settings) -> Endpoints:
    """The calls without a server."""
    return Endpoints(Desk(settings))


def program(settings: Settings, limit: RateLimit | None = None) -> Any:
    metrics = Metrics()
    desk = Desk(settings, metrics.answered)
    with gr.Blocks(title="政策问答") as page:
        gr.Markdown("政策问答")
        add_endpoints(desk, limit)
    return app.web_app(page, settings, desk, metrics, mcp=True)


def by_hand(url: str, name: str, *data: Any) -> httpx.Response:
    return httpx.post(f"{url}/gradio_api/run/{name}", json={"data": list(data)}, timeout=30)


async def with_tools(url: str, work: Callable[[ClientSession], Any], **headers: str) -> Any:
    async with (
        httpx.AsyncClient(headers=headers, timeout=30) as http,
        streamable_http_client(url + app.MCP_PATH, http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return await work(session)


def call_tool(url: str, name: str, arguments: dict[str, Any], **headers: str) -> CallToolResult:
    return in_thread(with_tools(url, lambda session: session.call_tool(name, arguments), **headers))


def in_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """Playwright keeps a loop running in the main thread once a browser test has run."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(60)


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_a_question_gets_the_answer_object(client: Client, settings: Settings) -> None:
    answer = client.predict("基础设施项目贷款贴息由哪个部门牵头？", [], api_name="/ask")
    assert set(answer) == {
        "question", "answer", "refused", "status", "citations", "departments", "mode", "elapsed_ms",
    }  # fmt: skip
    assert (answer["status"], answer["refused"], answer["mode"]) == ("answered", False, "extractive")
    assert answer["departments"]["lead"] == ["省财政厅"]
    first = answer["citations"][0]
    assert set(first) == CITATION
    assert (first["document_id"], first["article"]) == (POLICY, 14)
    published = (settings.corpus / f"{POLICY}.txt").read_text(encoding="utf-8")
    assert first["quote"] in published


def test_a_follow_up_points_back_to_its_history(client: Client) -> None:
    earlier = ["加强土地节约集约利用由谁牵头?"]
    assert "省建设厅" in client.predict("那配合的呢?", earlier, api_name="/ask")["answer"]
    alone = client.predict("那配合的呢?", api_name="/ask")
    assert "省建设厅" not in alone["answer"]


def test_a_search_gives_clauses_best_first(client: Client) -> None:
    found = client.predict("贷款贴息", 5, api_name="/search")
    assert found["query"] == "贷款贴息"
    assert len(found["hits"]) == 5
    assert found["hits"][0] | {"score": 0} == {
        "document_id": POLICY, "path": ["四", "(十四)"], "article": 14, "score": 0,
    }  # fmt: skip
    scores = [hit["score"] for hit in found["hits"] if hit["document_id"] == POLICY]
    assert scores == sorted(scores, reverse=True)
    assert len(client.predict("贷款贴息", api_name="/search")["hits"]) == 10


def test_a_clause_is_given_word_for_word_with_its_bodies_of_then_and_now(
    client: Client, settings: Settings
) -> None:
    given = client.predict(POLICY, 19, api_name="/clause")
    published = (settings.corpus / f"{POLICY}.txt").read_text(encoding="utf-8")
    assert given["text"] == published[given["start"] : given["end"]]
    assert given["text"].startswith("(十九)") or given["text"].startswith("（十九）")
    assert given["heading"] in given["text"]
    assert (given["label"], given["article"], given["kind"]) == ("(十九)", 19, "original")
    assert given["lead"] == ["省国土资源厅"]
    assert "省建设厅" in given["cooperating"]
    assert given["current"]["省国土资源厅"] == "甘肃省自然资源厅"
    assert (given["previous"]["label"], given["next"]["label"]) == ("(十八)", "(二十)")


@pytest.mark.parametrize(("article", "previous", "following"), [(1, None, 2), (24, 23, None)])
def test_the_first_and_the_last_clause_have_one_neighbour(
    endpoints: Endpoints, article: int, previous: int | None, following: int | None
) -> None:
    given = endpoints.clause(POLICY, article)
    assert (given["previous"] and given["previous"]["article"]) == previous
    assert (given["next"] and given["next"]["article"]) == following


@pytest.mark.parametrize(("article", "unverified"), [(9, False), (16, True)])
def test_a_digest_is_called_one(endpoints: Endpoints, article: int, unverified: bool) -> None:
    given = endpoints.clause("guobanfa-2014-54", article)
    assert (given["kind"], given["unverified"]) == ("digest", unverified)
    assert given["document_number"] == "国办发〔2014〕54号"


@pytest.mark.slow
def test_an_article_comes_with_the_units_below_it(settings: Settings, tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text(
        "园区管理办法\n\n第一条 为了管理园区,制定本办法。\n第二条 有下列情形之一的,予以奖励:\n"
        "(一)投资额大的。由省财政厅负责。\n(二)技术先进的。由省科技厅负责。\n第三条 本办法自发布之日起施行。\n",
        encoding="utf-8",
    )
    with_rules = load_settings(data=shutil.copytree(settings.data, tmp_path / "data"))
    library = Library(with_rules)
    library.add([rules])
    library.close()
    given = Endpoints(Desk(with_rules)).clause("rules", 2)
    assert given["text"].startswith("第二条") and given["text"].endswith("由省科技厅负责。")
    assert given["responsible"] == ["省财政厅", "省科技厅"]
    assert given["label"] == "第二条"
    assert (given["previous"]["label"], given["next"]["label"]) == ("第一条", "第三条")


@pytest.mark.parametrize("name", ["省国土资源厅", "甘肃省自然资源厅", "国土厅"])
def test_a_body_is_listed_completely_under_each_of_its_names(
    endpoints: Endpoints, settings: Settings, name: str
) -> None:
    given = endpoints.department(name)
    assert "省国土资源厅" in given["bodies"]
    assert given["current"]["省国土资源厅"] == "甘肃省自然资源厅"
    with_it = {
        (clause.clause.article, role)
        for clause in Desk(settings).assistant().clauses(POLICY)
        for duty in clause.clause.responsibilities
        for role in ("lead", "responsible", "cooperating")
        if "省国土资源厅" in getattr(duty, role)
    }
    assert with_it
    ours = [duty for duty in given["clauses"] if duty["document_id"] == POLICY]
    assert {(duty["article"], duty["role"]) for duty in ours} == with_it
    assert [duty["article"] for duty in ours] == sorted(duty["article"] for duty in ours)
    assert sum(given["counts"].values()) == len(given["clauses"])


BAD = [
    ("ask", ("", []), "请输入想问的问题"),
    ("ask", ("财" * 10_000, []), "问题太长"),
    ("ask", (14, []), "question 应是一段文字"),
    ("ask", (None, []), "question 应是一段文字"),
    ("ask", ("谁牵头?", "第十四条"), "history 应是一列文字"),
    ("ask", ("谁牵头?", [{"role": "user"}]), "history 应是一列文字"),
    ("ask", ("谁牵头?", ["第十四条"] * 41), "history 最多 40 个问题"),
    ("search", (" ", 5), "请给出 query"),
    ("search", ("财" * 2001, 5), "query 太长，最多 2000 字"),
    ("search", ("贴息", 0), "limit 应是 1 到 100 的整数"),
    ("search", ("贴息", 101), "limit 应是 1 到 100 的整数"),
    ("search", ("贴息", True), "limit 应是 1 到 100 的整数"),
    ("search", ("贴息", "5"), "limit 应是 1 到 100 的整数"),
    ("clause", ("nowhere", 1), "没有收录"),
    ("clause", ("../../etc", 1), "没有收录"),
    ("clause", (POLICY, 25), "没有第 25 条：从第 1 条到第 24 条，共 24 条"),
    ("clause", (POLICY, 1.5), "article 应是"),
    ("clause", ("guobanfa-2014-54", 99), "只收录了提要，提要里没有第 99 条"),
    ("clause", ("gansu-zones", 1), "没有统一的条号"),
    ("department", ("火星局", ), "没有认出这个单位"),
    ("department", ("", ), "请给出 name"),
    ("department", ([], ), "name 应是一段文字"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "line"), BAD)
def test_bad_input_gets_one_plain_line(
    endpoints: Endpoints, name: str, arguments: tuple[Any, ...], line: str
) -> None:
    with pytest.raises(gr.Error) as told:
        getattr(endpoints, name)(*arguments)
    assert line in str(told.value)
    assert "\n" not in str(told.value)


def test_bad_input_is_told_the_same_by_each_way_in(
    url: str, client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    title = by_hand(url, "clause", POLICY, 1).json()["data"][0]["document_title"]
    line = f"《{title}》没有第 25 条：从第 1 条到第 24 条，共 24 条"
    assert by_hand(url, "clause", POLICY, 25).json()["error"] == line
    with pytest.raises(AppError) as told:
        client.predict(POLICY, 25, api_name="/clause")
    assert str(told.value) == line
    tool = call_tool(url, "clause", {"document_id": POLICY, "article": 25})
    assert tool.isError and text_of(tool) == line
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "question",
    ['<img src=x onerror="alert(1)">谁牵头?', "a\u202eb\u200b", "{'a': 1}谁牵头?", "\ud800谁牵头?", "'; DROP TABLE clauses; --"],
)  # fmt: skip
def test_odd_text_comes_back_as_text(url: str, question: str) -> None:
    body = json.dumps({"data": [question, []]}).encode()
    given = httpx.post(
        f"{url}/gradio_api/run/ask", content=body, headers={"content-type": "application/json"}
    )
    assert given.status_code == 200
    assert given.json()["data"][0]["question"] == question.encode("utf-8", "replace").decode()


def test_a_call_by_name_and_event_as_curl_makes_it(url: str) -> None:
    begun = httpx.post(f"{url}/gradio_api/call/v2/department", json={"name": "省财政厅"})
    told = httpx.get(f"{url}/gradio_api/call/department/{begun.json()['event_id']}", timeout=30).text
    assert told.startswith("event: complete\ndata: ")
    assert json.loads(told.splitlines()[1].removeprefix("data: "))[0]["bodies"] == ["省财政厅"]


def test_what_a_call_takes_and_returns_is_published(url: str) -> None:
    described = httpx.get(f"{url}/gradio_api/info").json()["named_endpoints"]
    assert sorted(described) == sorted(f"/{name}" for name in NAMES)
    for name in NAMES:
        assert described[f"/{name}"]["description"]
        assert described[f"/{name}"]["returns"][0]["type"]["type"] == "object"
    names = [parameter["parameter_name"] for parameter in described["/ask"]["parameters"]]
    assert names == ["question", "history"]


def test_the_tools_are_described_with_their_parameters(url: str) -> None:
    tools: list[Tool] = in_thread(with_tools(url, lambda session: session.list_tools())).tools
    assert sorted(tool.name for tool in tools) == sorted(NAMES)
    for tool in tools:
        assert "Returns:" in (tool.description or "")
        for described in tool.inputSchema["properties"].values():
            assert described["description"]
    required = {tool.name: tool.inputSchema.get("required") for tool in tools}
    assert required["ask"] == ["question"]
    assert required["clause"] == ["document_id", "article"]


def test_a_tool_returns_the_same_object_as_json(url: str, endpoints: Endpoints) -> None:
    for name, arguments in (
        ("search", {"query": "贷款贴息", "limit": 3}),
        ("clause", {"document_id": POLICY, "article": 14}),
        ("department", {"name": "省财政厅"}),
    ):
        told = call_tool(url, name, arguments)
        assert not told.isError
        assert json.loads(text_of(told)) == getattr(endpoints, name)(**arguments)
    answer = json.loads(text_of(call_tool(url, "ask", {"question": "第十四条谁牵头?"})))
    assert answer["departments"]["lead"] == ["省财政厅"]


def test_a_tool_asks_no_host_that_a_request_names(url: str) -> None:
    told = call_tool(url, "department", {"name": "省财政厅"}, host="elsewhere.example")
    assert json.loads(text_of(told))["bodies"] == ["省财政厅"]


def test_the_page_and_its_headers_are_as_before_and_nothing_else_is_rewritten(url: str) -> None:
    page = httpx.get(url)
    assert 'lang="zh-CN"' in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    for path in ("/gradio_api/info", "/healthz", "/config", app.MCP_PATH):
        assert "content-security-policy" not in httpx.get(f"{url}{path}").headers


def test_who_calls_too_fast_waits(settings: Settings) -> None:
    with served(program(settings, RateLimit(3, lambda: 0.0))) as url:
        assert by_hand(url, "search", "贴息", 1).status_code == 200
        assert by_hand(url, "search", "贴息", 1).json()["error"] == "问得太快了，请过 20 秒再试"
        tool = call_tool(url, "search", {"query": "贴息"})
        assert tool.isError and "问得太快了" in text_of(tool)


def test_without_an_index_the_reason_is_told(tmp_path: Path) -> None:
    calls = Endpoints(Desk(load_settings(data=tmp_path / "none")))
    for call, arguments in (
        (calls.ask, ("谁牵头?",)),
        (calls.search, ("贴息",)),
        (calls.clause, (POLICY, 1)),
        (calls.department, ("省财政厅",)),
    ):
        with pytest.raises(Refused, match="python -m ingest build"):
            call(*arguments)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (IndexBusy("索引正在更新,请稍后再试"), "索引正在更新,请稍后再试"),
        (RuntimeError("secret"), "出了点问题"),
    ],
)
def test_a_failure_is_one_line_and_the_unforeseen_goes_to_the_log(
    fault: Exception, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise fault

    desk = SimpleNamespace(assistant=lambda: SimpleNamespace(search=broken))
    with caplog.at_level(logging.ERROR), pytest.raises(Refused) as told:
        Endpoints(desk).search("贴息")  # type: ignore[arg-type]
    assert line in str(told.value) and "secret" not in str(told.value)
    assert ("secret" in caplog.text) is (line == "出了点问题")


def test_without_the_switch_there_are_no_tools(settings: Settings) -> None:
    metrics = Metrics()
    desk = Desk(settings, metrics.answered)
    with gr.Blocks() as page:
        add_endpoints(desk)
    with served(app.web_app(page, settings, desk, metrics)) as url:
        assert httpx.post(url + app.MCP_PATH, json={}).status_code in (404, 405)
        assert by_hand(url, "search", "贴息", 1).status_code == 200


def test_history_does_not_count_as_questions(settings: Settings) -> None:
    counted: list[str] = []
    assistant: Assistant = Desk(settings).assistant()
    assistant.observer = lambda status, mode, seconds: counted.append(f"{status} {mode}")
    desk = SimpleNamespace(assistant=lambda: assistant)
    Endpoints(desk).ask("那配合的呢?", ["第十九条谁牵头?"])  # type: ignore[arg-type]
    assert counted == ["answered extractive"]


@pytest.mark.parametrize(("switches", "offered"), [([], False), (["--mcp"], True)])
def test_the_switch_offers_the_tools(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, switches: list[str], offered: bool
) -> None:
    programs: list[tuple[Any, bool]] = []
    monkeypatch.setattr(app, "serve", lambda program, listener, warm, *, mcp: programs.append((program, mcp)))
    assert app.main(["--port", "0", "--data", str(settings.data), *switches]) == 0
    ((made, announced),) = programs
    assert announced is offered
    with served(made) as url:
        assert (httpx.get(url + app.MCP_PATH).status_code == 200) is offered


def test_tools_that_cannot_be_offered_are_told_at_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret")

    monkeypatch.setattr("gradio.mcp.GradioMCPServer", broken)
    with pytest.raises(BadInput, match="MCP 没有打开"):
        program(settings)
