"""Stopping an answer that has just ended is no failure, though Gradio takes it for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CANCEL = "/gradio_api/cancel"


class StoppedInTime:
    """A page in which what cannot be stopped any longer counts as stopped."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, a request to stop only once it is known how it ended."""
        if scope["type"] != "http" or not str(scope["path"]).endswith(_CANCEL):
            await self._app(scope, receive, send)
            return
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        try:
            await self._app(scope, receive, keep)
        except KeyError:
            # The answer ended between Gradio's looking for it and its taking it out.
            await JSONResponse({"success": True})(scope, receive, send)
            return
        for message in said:
            await send(message)
