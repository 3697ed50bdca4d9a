"""How soon a reader sees a language model's first checked sentence, over a real local endpoint.

An OpenAI-compatible server on this machine streams one sentence that the cited clause holds and goes on once it is shown. What is
measured is the time from the last character of that sentence leaving the server to the words being shown.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ingest.errors import PolicyQAError
from ingest.settings import Settings

RUNS = 10
# A model writes so many characters at a time; the rest of its reply waits for the first sentence's being shown.
_PART, _PATIENCE_S = 8, 5.0


class _Script:
    """What the endpoint streams, and when the first sentence's last character left it."""

    def __init__(self) -> None:
        self.first = ""
        self.rest = ""
        self.sent_at = 0.0
        self.heard = threading.Event()
        self.waited_in_vain = False
        self.url = ""


def measure_first_words(settings: Settings, question: str, runs: int = RUNS) -> dict[str, Any]:
    """Milliseconds from the end of the first sentence to its being shown: median and worst of several runs.

    The sentence is the quote of the extractive answer, which its clause holds word for word.
    """
    from rag.build import open_assistant
    from rag.context import Focus

    with open_assistant(settings.model_copy(update={"profile": "extractive"})) as assistant:
        quote = assistant.ask([question]).citations[0].quote
    sentence = json.dumps({"text": quote, "handles": ["S1"], "quote": quote}, ensure_ascii=False)
    times: list[float] = []
    with _serving() as script:
        script.first, script.rest = f'{{"sentences": [{sentence}', "]}"
        model = {"profile": "llm", "model": "scripted", "model_base_url": script.url, "model_api_key": None}
        with open_assistant(settings.model_copy(update=model)) as assistant:
            # The first question opens the client, which is no matter of the sentence.
            for _ in range(runs + 1):
                shown: list[float] = []
                script.heard.clear()

                def listen(words: str, shown: list[float] = shown) -> bool:
                    if words and not shown:
                        shown.append(time.perf_counter())
                        script.heard.set()
                    return True

                assistant.turn(question, Focus(), listen)
                if not shown:
                    raise PolicyQAError("测首句用时:没有一句通过核对")
                if script.waited_in_vain:
                    raise PolicyQAError("测首句用时:模型写完之前没有显示首句")
                times.append((shown[0] - script.sent_at) * 1000)
    return {
        "runs": runs,
        "median_ms": round(statistics.median(times[1:]), 1),
        "max_ms": round(max(times[1:]), 1),
    }


@contextmanager
def _serving() -> Iterator[_Script]:
    script = _Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(script.first), _PART):
                self._event(_delta(script.first[start : start + _PART]))
            script.sent_at = time.perf_counter()
            script.waited_in_vain = not script.heard.wait(_PATIENCE_S)
            self._event(_delta(script.rest))
            self._event(_delta("", "stop"))
            self._event("[DONE]")
            self.wfile.write(b"0\r\n\r\n")

        def _event(self, data: str) -> None:
            event = f"data: {data}\n\n".encode()
            self.wfile.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
            self.wfile.flush()

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()


def _delta(content: str, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"role": "assistant", "content": content}, "finish_reason": finish}
    part = {"id": "reply", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return json.dumps(part)
