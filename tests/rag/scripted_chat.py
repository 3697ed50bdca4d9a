"""Chat models that say what a test tells them to: in process, and behind a real local endpoint."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ingest.chat import ChatFailed


class ScriptedChat:
    """Gives one reply to every prompt and remembers the prompts; None fails like an unreachable model."""

    def __init__(self, reply: str | None) -> None:
        self.reply = reply
        self.prompts: list[str] = []

    def complete(self, prompt: str) -> str:
        """The scripted reply; raises ChatFailed where there is none."""
        self.prompts.append(prompt)
        if self.reply is None:
            raise ChatFailed("语言模型没有答复(ConnectError)")
        return self.reply


def sentences(*rows: tuple[str, list[str], str]) -> str:
    """A reply in the form that the prompt asks for: (text, handles, quote) each."""
    shown = [{"text": text, "handles": handles, "quote": quote} for text, handles, quote in rows]
    return json.dumps({"sentences": shown}, ensure_ascii=False)


class Endpoint:
    """An OpenAI-compatible /v1/chat/completions with one reply, status and delay."""

    def __init__(self) -> None:
        self.content = ""
        self.status = 200
        self.delay_s = 0.0
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.url = ""


@contextmanager
def serving() -> Iterator[Endpoint]:
    """An endpoint on a free local port, for the length of the block."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            endpoint.requests.append({"path": self.path, **body})
            endpoint.keys.append(self.headers.get("Authorization"))
            time.sleep(endpoint.delay_s)
            data = json.dumps(_completion(body, endpoint)).encode()
            try:
                self.send_response(endpoint.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the client did not wait

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _completion(body: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.status != 200:
        return {"error": {"message": "refused", "type": "error", "code": endpoint.status}}
    message = {"role": "assistant", "content": endpoint.content}
    return {
        "id": "reply",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "m"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
