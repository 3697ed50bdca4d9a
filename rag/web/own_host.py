"""Gradio's pages in Chinese, naming no other host, with a policy by which the browser refuses what would still leave."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SCRIPT = Path(__file__).resolve().parents[2] / "app.js"
# What Gradio's page names on other hosts (previews, anything from a CDN), and a manifest nobody serves.
_OUTSIDE = re.compile(
    r'<meta\s+(?:property="og:|name="twitter:)[^>]*>'
    r'|<link\b[^>]*(?:rel="(?:manifest|preconnect|dns-prefetch)"|href="(?:https?:)?//)[^>]*>'
    r'|<script\b[^>]*src="(?:https?:)?//[^>]*>\s*</script>'
)
# The browser refuses whatever would still leave.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; form-action 'self'"
)


class OwnHostOnly:
    """Rewrites a mounted page's HTML on its way out: language, our script, nothing from elsewhere.

    `policy` is added to the page's content security policy: frame-ancestors 'none'. `language` is the page's: zh-CN.
    """

    def __init__(self, app: ASGIApp, policy: str = "", *, language: str = "zh-CN") -> None:
        self._app = app
        self._language = language
        self._policy = f"{_POLICY}; {policy}" if policy else _POLICY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything but the page itself through as it is."""
        if scope["type"] != "http" or scope["method"] != "GET" or _below_mount(scope) not in ("", "/"):
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            if message["type"] != "http.response.body":
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await self._send_page(start, own_host_html(body.decode(), self._language), send)

        await self._app({**scope, "headers": plain}, receive, collect)

    async def _send_page(self, start: Message, html: str, send: Send) -> None:
        body = html.encode()
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        headers += [
            (b"content-length", str(len(body)).encode()),
            (b"content-security-policy", self._policy.encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class AsAsked:
    """A page mounted below another, where a reverse proxy took a path off: it is told the path that the browser asked for.

    Gradio's page at /en knows itself as /policy/en and would not know /en.
    """

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put back what the proxy took off."""
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, "path": f"{self._root}{scope['path']}"}
        await self._app(scope, receive, send)


def _below_mount(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def own_host_html(html: str, language: str = "zh-CN") -> str:
    """Gradio's page in its language, with our script first and without what names other hosts."""
    html = _OUTSIDE.sub("", html.replace('lang="en"', f'lang="{language}"', 1))
    script = f"<script>{_SCRIPT.read_text(encoding='utf-8')}</script>"
    return html.replace("<base ", f"{script}<base ", 1)
