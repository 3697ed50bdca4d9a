"""Many people chatting with the page at once: how soon each sees an answer, and what the program takes.

The program runs in a process of its own; each visitor keeps to what a browser sends and reads (Gradio's queue and its stream of
events), from an address of its own. Between an answer and the next question a visitor reads for a while.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from ingest.errors import PolicyQAError
from ingest.settings import ROOT, Settings

PEOPLE, TURNS, READING_S = 50, 6, 5.0
_START_S, _ANSWER_S = 60, 60
_SEARCHING = "正在查找条文"
_ANSWERED = "pq-answer"


@dataclass(slots=True)
class _Seen:
    """What all visitors saw: seconds until the page came, until an answer could be read, seconds until it was whole, what went wrong."""

    opened: list[float] = field(default_factory=list)
    readable: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def measure_crowd(settings: Settings, questions: Sequence[str], people: int = PEOPLE) -> dict[str, Any]:
    """Milliseconds until an answer can be read and until it is whole (median, p95), errors, and memory at its highest in MB.

    Everybody opens the page at the same moment; then everybody asks TURNS questions, reading for READING_S seconds on average before
    each.
    """
    with running_program(settings) as (url, process):
        seen = _Seen()
        began = time.monotonic()
        highest = asyncio.run(_crowd(url, questions, people, seen, psutil.Process(process.pid)))
        spent = time.monotonic() - began
    if not seen.readable:
        raise PolicyQAError(f"没有一个问题得到回答:{'; '.join(seen.errors[:3])}")
    return {
        "people": people,
        "questions": len(seen.readable),
        "seconds": round(spent, 1),
        "opened_p95_ms": _ms(statistics.quantiles(seen.opened, n=20)[-1]),
        "readable_p50_ms": _ms(statistics.median(seen.readable)),
        "readable_p95_ms": _ms(statistics.quantiles(seen.readable, n=20)[-1]),
        "readable_max_ms": _ms(max(seen.readable)),
        "whole_p50_ms": _ms(statistics.median(seen.whole)),
        "whole_p95_ms": _ms(statistics.quantiles(seen.whole, n=20)[-1]),
        "errors": len(seen.errors),
        "first_error": seen.errors[0] if seen.errors else "",
        "memory_mb": round(highest / 1e6),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


@contextmanager
def running_program(settings: Settings) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The page on a free port, once its index is open."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("POLICYQA_")}
    command = [
        sys.executable,
        "app.py",
        "--port",
        "0",
        "--data",
        str(settings.data),
        "--profile",
        "extractive",
    ]
    with tempfile.TemporaryDirectory(prefix="policyqa-") as folder:
        output = Path(folder) / "output"
        with output.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**environment, "PYTHONUTF8": "1"}, stdout=log, stderr=log
            )
        try:
            yield _url(process, output), process
        finally:
            process.terminate()
            process.wait(20)


def _url(process: subprocess.Popen[bytes], output: Path) -> str:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://[\d.]+:\d+", output.read_text(encoding="utf-8"))
        if found and httpx.get(f"{found.group()}/readyz", timeout=_START_S).status_code == 200:
            return found.group()
        time.sleep(0.1)
    raise PolicyQAError(f"网页没有启动:{output.read_text(encoding='utf-8')[-300:]}")


async def _crowd(
    url: str, questions: Sequence[str], people: int, seen: _Seen, process: psutil.Process
) -> int:
    """Let everybody in; the program's memory in bytes at its highest."""
    highest = 0
    # Read once: this side has the same two cores.
    event, button = _send_event(httpx.get(f"{url}/config", timeout=_START_S).json())
    everybody = asyncio.Barrier(people)
    visitors = [
        asyncio.create_task(
            _visitor(url, number, (event, button), _asked(questions, number), seen, everybody)
        )
        for number in range(people)
    ]
    waiting = asyncio.gather(*visitors)
    while not waiting.done():
        highest = max(highest, process.memory_info().rss)
        await asyncio.wait({waiting}, timeout=0.2)
    await waiting
    return highest


def _asked(questions: Sequence[str], number: int) -> list[str]:
    return random.Random(number).choices(questions, k=TURNS)


async def _visitor(
    url: str,
    number: int,
    send: tuple[int, int],
    questions: Sequence[str],
    seen: _Seen,
    everybody: asyncio.Barrier,
) -> None:
    """One person: opens the page and, once everybody has, reads and asks."""
    waits = random.Random(number)
    # A reverse proxy on the same machine tells the visitor's address like this.
    headers = {"x-forwarded-for": f"10.0.{number // 250}.{number % 250 + 1}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=_ANSWER_S) as browser:
        try:
            began = time.monotonic()
            await browser.get("/")
            seen.opened.append(time.monotonic() - began)
            await everybody.wait()
            for question in questions:
                await asyncio.sleep(waits.uniform(0, 2 * READING_S))
                await _ask(browser, *send, f"visitor{number}", question, seen)
        except (httpx.HTTPError, asyncio.BrokenBarrierError, KeyError, StopIteration, ValueError) as error:
            seen.errors.append(f"{type(error).__name__}: {error}")
            await everybody.abort()


def _send_event(config: dict[str, Any]) -> tuple[int, int]:
    """The event of the button 发送, as the page's own script finds it."""
    button = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "pq-send")
    event = next(d["id"] for d in config["dependencies"] if [button, "click"] in d["targets"])
    return event, button


async def _ask(
    browser: httpx.AsyncClient, event: int, button: int, visitor: str, question: str, seen: _Seen
) -> None:
    began = time.monotonic()
    body = {"data": [question, None], "fn_index": event, "session_hash": visitor, "trigger_id": button}
    joined = await browser.post("/gradio_api/queue/join", json=body)
    joined.raise_for_status()
    readable = 0.0
    async with browser.stream("GET", "/gradio_api/queue/data", params={"session_hash": visitor}) as stream:
        async for line in stream.aiter_lines():
            if not line.startswith("data:"):
                continue
            if not readable and _ANSWERED in line and _SEARCHING not in line:
                readable = time.monotonic() - began
            # Most messages are steps of an answer, and are not worth reading.
            if '"msg":"process_' in line and '"msg":"process_completed"' not in line:
                continue
            message = json.loads(line.removeprefix("data:"))
            if message["msg"] in ("process_completed", "queue_full", "unexpected_error"):
                if message["msg"] != "process_completed" or not message.get("success"):
                    seen.errors.append(line[:200])
                    return
                break
    whole = time.monotonic() - began
    seen.readable.append(readable or whole)
    seen.whole.append(whole)
