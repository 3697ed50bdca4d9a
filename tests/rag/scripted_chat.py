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
            raise ChatFailed("语言模型没有答复（ConnectError)")
        return self.reply

    def stream(self, prompt: str, form: dict[str, Any]) -> Iterator[str]:
        """The same in parts of seven characters."""
        reply = self.complete(prompt)
        yield from (reply[i : i + 7] for i in range(0, len(reply), 7))


def sentences(*rows: tuple[str, list[str], str]) -> str:
    """A reply in the form that the prompt asks for: (text, handles, quote) each."""
    shown = [{"text": text, "handles": handles, "quote": quote} for text, handles, quote in rows]
    return json.dumps({"sentences": shown}, ensure_ascii=False)


class Endpoint:
    """An OpenAI-compatible /v1/chat/completions with one reply, streamed or whole, and its faults."""

    def __init__(self) -> None:
        self.content = ""
        self.status = 200
        # Before anything, and between two parts of a streamed reply.
        self.delay_s = 0.0
        self.pause_s = 0.0
        # After so many characters the connection is closed.
        self.breaks_after: int | None = None
        # Whether a request for a JSON schema is refused, as old servers do.
        self.knows_schemas = True
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        # How many characters were sent in all.
        self.sent = 0
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
            refused = 400 if "response_format" in body and not endpoint.knows_schemas else endpoint.status
            try:
                if refused != 200:
                    self._whole(refused, {"error": {"message": "refused", "type": "error", "code": refused}})
                elif body.get("stream"):
                    self._streamed(body)
                else:
                    self._whole(200, _completion(body, endpoint.content))
            except OSError:
                pass  # the client did not wait

        def _whole(self, status: int, value: dict[str, Any]) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _streamed(self, body: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(endpoint.content), 8):
                if endpoint.breaks_after is not None and start >= endpoint.breaks_after:
                    self.close_connection = True
                    return
                part = endpoint.content[start : start + 8]
                self._event(json.dumps(_part(body, part, None)))
                endpoint.sent += len(part)
                time.sleep(endpoint.pause_s)
            self._event(json.dumps(_part(body, "", "stop")))
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
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _completion(body: dict[str, Any], content: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {
        "id": "reply",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "m"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def _part(body: dict[str, Any], content: str, finish: str | None) -> dict[str, Any]:
    return {
        "id": "reply",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": body.get("model", "m"),
        "choices": [
            {"index": 0, "delta": {"role": "assistant", "content": content}, "finish_reason": finish}
        ],
    }
