"""A reverse proxy on this machine that shows the page under a path of its own, as an office's web server would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
from served import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

_KEPT_BACK = {"host", "content-length", "transfer-encoding", "connection"}


@contextmanager
def proxied(url: str, path: str) -> Iterator[str]:
    """Where the proxy shows the program at `url`: http://127.0.0.1:…/policy/."""
    upstream = httpx.AsyncClient(base_url=url, timeout=60)

    async def pass_on(request: Request) -> Response:
        headers = {k: v for k, v in request.headers.items() if k not in _KEPT_BACK}
        headers |= {"x-forwarded-host": request.headers["host"], "x-forwarded-proto": "http"}
        below = request.url.path.removeprefix(path)
        sent = upstream.build_request(
            request.method, below, params=request.query_params, headers=headers, content=await request.body()
        )
        answer = await upstream.send(sent, stream=True)

        async def body() -> AsyncIterator[bytes]:
            async for part in answer.aiter_raw():
                yield part
            await answer.aclose()

        kept = {k: v for k, v in answer.headers.items() if k not in _KEPT_BACK}
        return StreamingResponse(body(), answer.status_code, kept)

    everything = Route(f"{path}/{{rest:path}}", pass_on, methods=["GET", "POST", "HEAD"])
    with served(Starlette(routes=[everything])) as address:
        yield f"{address}{path}/"
