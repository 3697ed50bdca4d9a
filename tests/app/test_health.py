"""Whether the program is up, whether its index can answer, and what it counts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gradio_client import Client
from prometheus_client.parser import text_string_to_metric_families
from running_page import build_index
from served import served
from starlette.responses import PlainTextResponse

import app
from ingest.errors import IndexBusy
from ingest.library import Library
from ingest.settings import Settings, load_settings
from rag.context import Focus
from rag.types import Status
from rag.web.api import add_endpoints
from rag.web.conversation import Conversation
from rag.web.desk import Desk
from rag.web.health import add_health
from rag.web.metrics import Counted, Metrics
from rag.web.page import build_page

QUESTION = "基础设施项目贷款贴息由哪个部门牵头？"
Numbers = dict[tuple[str, ...], float]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over the shipped documents' index."""
    return load_settings(data=build_index(tmp_path_factory.mktemp("health") / "data"))


@pytest.fixture(scope="module")
def desk_and_url(settings: Settings) -> Iterator[tuple[Desk, str]]:
    """The program: its page, and the calls on a page beside it."""
    metrics = Metrics()
    desk = Desk(settings, metrics.answered)
    with gr.Blocks() as page:
        add_endpoints(desk)
    with served(app.web_app(page, settings, desk, metrics)) as url:
        yield desk, url


def numbers(text: str) -> Numbers:
    """Each sample by its name and its labels' values, mode before status."""
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(url: str) -> Numbers:
    return numbers(httpx.get(f"{url}/metrics").text)


def grown(before: Numbers, after: Numbers, *name: str) -> float:
    return after.get(name, 0.0) - before.get(name, 0.0)


def held(settings: Settings) -> int:
    """How many documents `python -m ingest status` counts."""
    library = Library(settings)
    try:
        return len(library.status())
    finally:
        library.close()


def checked(desk: Any, metrics: Metrics | None = None) -> TestClient:
    """The three routes alone."""
    outer = FastAPI()
    add_health(outer, desk, metrics or Metrics())
    return TestClient(outer)


def test_up_and_ready_over_an_index(settings: Settings) -> None:
    client = checked(Desk(settings))
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    generation = next((settings.data / "indexes").iterdir()).name
    assert ready.json() == {"status": "ready", "generation": generation, "documents": held(settings)}
    assert ready.headers["x-content-type-options"] == "nosniff"
    assert ready.headers["cache-control"] == "no-store"
    assert client.head("/readyz").status_code == 200


def test_up_but_not_ready_until_there_is_an_index(settings: Settings, tmp_path: Path) -> None:
    client = checked(Desk(load_settings(data=tmp_path / "data")))
    assert client.get("/healthz").status_code == 200
    waiting = client.get("/readyz")
    assert waiting.status_code == 503
    assert waiting.json() == {"status": "not ready", "reason": "还没有索引，请先运行 python -m ingest build"}
    found = numbers(client.get("/metrics").text)
    assert found["policyqa_ready",] == 0
    assert not [name for name, *_ in found if name.startswith("policyqa_index")]
    shutil.copytree(settings.data, tmp_path / "data")
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("gone", "opened_before", "advice"),
    [
        ("catalogue.sqlite3", True, "python -m ingest build"),
        # What is open stays readable without its files.
        ("indexes", False, "python -m ingest verify"),
    ],
)
def test_an_index_that_goes_away_is_told(
    settings: Settings, tmp_path: Path, gone: str, opened_before: bool, advice: str
) -> None:
    data = shutil.copytree(settings.data, tmp_path / "data")
    client = checked(Desk(load_settings(data=data)))
    if opened_before:
        assert client.get("/readyz").status_code == 200
    (data / gone).rename(tmp_path / "gone")
    told = client.get("/readyz")
    assert told.status_code == 503
    assert advice in told.json()["reason"]
    assert str(tmp_path) not in told.text


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (IndexBusy("索引正在更新,请稍后再试"), "索引正在更新,请稍后再试"),
        (RuntimeError("secret"), "出了点问题，这次没有答成。请再试一次。"),
    ],
)
def test_the_reason_is_one_plain_line(fault: Exception, reason: str) -> None:
    def broken(*_: Any) -> Any:
        raise fault

    told = checked(SimpleNamespace(assistant=lambda: SimpleNamespace(search=broken))).get("/readyz")
    assert (told.status_code, told.json()["reason"]) == (503, reason)


@pytest.mark.slow
def test_questions_are_counted_from_the_page_and_from_programs(desk_and_url: tuple[Desk, str]) -> None:
    desk, url = desk_and_url
    before = read(url)
    list(desk.reply(QUESTION, Conversation()))
    Client(url, verbose=False, analytics_enabled=False).predict("火星上怎么种土豆?", [], api_name="/ask")
    after = read(url)
    assert grown(before, after, "policyqa_questions_total", "extractive", "answered") == 1
    refused = sum(
        grown(before, after, "policyqa_questions_total", "extractive", str(status))
        for status in Status
        if status.refused
    )
    assert refused == 1
    assert grown(before, after, "policyqa_question_seconds_count") == 2
    assert grown(before, after, "policyqa_question_seconds_sum") > 0
    assert grown(before, after, "policyqa_question_seconds_bucket", "+Inf") == 2
    assert grown(before, after, "policyqa_errors_total", "answer") == 0


def test_a_question_that_fails_is_counted_as_an_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics()
    assistant = Desk(settings, metrics.answered).assistant()

    class Broken:
        def run(self, *_: Any) -> Any:
            raise RuntimeError("secret")

    monkeypatch.setattr(assistant, "_pipeline", Broken())
    with pytest.raises(RuntimeError):
        assistant.turn(QUESTION, Focus())
    found = numbers(metrics.text().decode())
    assert found["policyqa_errors_total", "answer"] == 1
    assert found["policyqa_questions_total", "extractive", "error"] == 1


def test_the_index_is_told_with_the_numbers(desk_and_url: tuple[Desk, str], settings: Settings) -> None:
    found = read(desk_and_url[1])
    assert found["policyqa_ready",] == 1
    assert found["policyqa_index_documents",] == held(settings)
    assert found["policyqa_index_info", next((settings.data / "indexes").iterdir()).name] == 1


def test_the_page_is_counted_and_nothing_about_who_asked(desk_and_url: tuple[Desk, str]) -> None:
    desk, url = desk_and_url
    before = read(url)
    for path in ("/", "/?q=x", "/healthz", "/config"):
        httpx.get(f"{url}{path}")
    httpx.head(url)
    list(desk.reply("张三的电话 13800138000,贷款贴息找谁?", Conversation()))
    told = httpx.get(f"{url}/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    assert grown(before, numbers(told.text), "policyqa_page_loads_total") == 2
    for word in ("张三", "13800138000", "贴息", "127.0.0.1"):
        assert word not in told.text


@pytest.mark.parametrize(
    ("path", "status", "counted"),
    [("/x", 500, 1), ("/x", 503, 0), ("/x", 404, 0), ("/gradio_api/run/ask", 500, 0)],
)
def test_requests_that_fail_are_counted(path: str, status: int, counted: int) -> None:
    metrics = Metrics()
    TestClient(Counted(PlainTextResponse("", status_code=status), metrics)).get(path)
    assert numbers(metrics.text().decode())["policyqa_errors_total", "http"] == counted


def test_beside_the_page_its_headers_and_its_words_stay(settings: Settings) -> None:
    desk = Desk(settings)
    with TestClient(app.web_app(build_page(desk), settings, desk)) as client:
        page = client.get("/")
        assert 'lang="zh-CN"' in page.text and "政策问答" in page.text
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").status_code == 200
        assert client.get("/metrics").text.startswith("# HELP")
        # No event of the page is a call for programs by accident.
        assert set(client.get("/gradio_api/info").json()["named_endpoints"]) <= {
            f"/{name}" for name in ("ask", "search", "clause", "department")
        }


def test_two_programs_in_one_process_count_apart(settings: Settings) -> None:
    one, two = Metrics(), Metrics()
    Desk(settings, one.answered).assistant().turn(QUESTION, Focus())
    counted = [
        numbers(metrics.text().decode()).get(("policyqa_questions_total", "extractive", "answered"))
        for metrics in (one, two)
    ]
    assert counted == [1, None]
