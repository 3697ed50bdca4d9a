"""The program in a process of its own, and a visitor's page that stays on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import shipped_index

ROOT = Path(__file__).resolve().parents[2]
_OWN = ("127.0.0.1", "localhost", "::1")

# Runs app.py with an audit hook, so that the server cannot reach out unnoticed either.
_WATCHED = f"""
import runpy, sys
OWN = {_OWN!r}

def watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in OWN:
        print("LEAVES", arguments[1], file=sys.stderr, flush=True)
    if event == "socket.getaddrinfo" and arguments[0] not in (None, *OWN):
        print("LEAVES", arguments[0], file=sys.stderr, flush=True)

sys.addaudithook(watch)
sys.argv = ["app.py", *sys.argv[1:]]
runpy.run_path("app.py", run_name="__main__")
"""


def build_index(data: Path) -> Path:
    """The shipped documents' index in `data`."""
    return shipped_index.copy_to(data)


@dataclass(frozen=True)
class Site:
    """The running program: where its page is, and what it wrote."""

    url: str
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        """Everything on stdout and stderr."""
        return self.output.read_text(encoding="utf-8")

    @property
    def memory_mb(self) -> float:
        """Resident memory of the program."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6

    @property
    def libraries(self) -> str:
        """The paths of every library that the program has loaded, one a line."""
        return "\n".join(mapped.path for mapped in psutil.Process(self.process.pid).memory_maps())


def start_site(data: Path, output: Path, **settings: str) -> Site:
    """Start app.py on a free port and wait for the address that it prints."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("POLICYQA_")
    } | settings
    command = [sys.executable, "-c", _WATCHED, "--port", "0", "--data", str(data)]
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**environment, "PYTHONUTF8": "1"}, stdout=log, stderr=subprocess.STDOUT
        )
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", output.read_text(encoding="utf-8"))
        if found:
            return Site(url=found.group(), process=process, output=output)
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"the page did not start:\n{output.read_text(encoding='utf-8')}")


def stop_site(site: Site) -> None:
    """End the program and see that nothing in it asked for another host or failed."""
    site.process.terminate()
    site.process.wait(timeout=20)
    assert "LEAVES" not in site.said
    assert "Traceback" not in site.said


@dataclass
class Visit:
    """One visitor's page, with what a test does on it."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str, *, by_key: bool = True) -> str:
        """Type and send a question; the answer's text once it is complete."""
        before = self.answers()
        self.box.fill(question)
        if by_key:
            self.box.press("Enter")
        else:
            self.page.locator("#pq-send").click()
        return self.wait_answer(before)

    def wait_answer(self, before: int) -> str:
        """The text of the next answer after the first `before` ones, once nothing is running."""
        self.page.wait_for_function(
            "before => document.querySelectorAll('#pq-chat .pq-answer').length > before"
            " && document.querySelector('#pq-stop').disabled",
            arg=before,
            timeout=30_000,
        )
        return str(self.page.locator("#pq-chat .pq-answer").last.inner_text())

    def open_anew(self, url: str) -> None:
        """Go to an address; what the page left behind was still asking for is no complaint."""
        self.page.goto("about:blank")
        self.page.wait_for_timeout(300)
        self.complaints[:] = [c for c in self.complaints if "AbortError" not in c and "errored out" not in c]
        self.page.goto(url)
        self.box.wait_for()

    def answers(self) -> int:
        """How many answers the chat shows."""
        return int(self.page.locator("#pq-chat .pq-answer").count())

    @property
    def box(self) -> Any:
        """The input."""
        return self.page.locator("#pq-box textarea")

    @property
    def cards(self) -> Any:
        """The cards beside the answer."""
        return self.page.locator("#pq-cards .pq-card")


def watch(context: Any, made: Visit) -> None:
    def own_host_only(route: Any) -> None:
        if urlsplit(route.request.url).hostname in _OWN:
            route.continue_()
            return
        made.complaints.append(f"asked another host: {route.request.url}")
        route.abort()

    context.route("**/*", own_host_only)
    made.page.on("pageerror", lambda error: made.complaints.append(f"script failed: {error}"))
    made.page.on("dialog", lambda dialog: made.complaints.append(f"dialog: {dialog.message}"))
    made.page.on(
        "console",
        lambda message: made.complaints.append(message.text) if message.type == "error" else None,
    )
