"""Whether the program is up (/healthz), whether its index can answer (/readyz), and what it counted (/metrics)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from ingest.errors import PolicyQAError
from rag.messages import say
from rag.web.metrics import Metrics, Serving

if TYPE_CHECKING:
    from rag.web.api import Desk

log = logging.getLogger(__name__)

# What every index finds something for, or nothing: that it looked is what counts.
_PROBE = "牵头单位"
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def serving(desk: Desk) -> Serving:
    """The index that answers, proved by one search in it; raises PolicyQAError in one plain line."""
    try:
        assistant = desk.assistant()
        assistant.search(_PROBE, 1)
        return Serving(generation=assistant.generation, documents=len(assistant.documents()))
    except PolicyQAError:
        raise
    except Exception as error:
        log.exception("the index cannot answer")
        raise PolicyQAError(say("error")) from error


def add_health(app: FastAPI, desk: Desk, metrics: Metrics) -> None:
    """Put the three routes into `app`; before a page is mounted at /, which answers for every path."""
    metrics.watch_index(lambda: _serving_or_none(desk))
    routes = APIRouter()

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Response:
        return JSONResponse({"status": "ok"}, headers=_HEADERS)

    # Not async: opening and searching the index must not hold up other requests.
    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    def readyz() -> Response:
        try:
            found = serving(desk)
        except PolicyQAError as error:
            told = {"status": "not ready", "reason": str(error)}
            return JSONResponse(told, status_code=503, headers=_HEADERS)
        ready = {"status": "ready", "generation": found.generation, "documents": found.documents}
        return JSONResponse(ready, headers=_HEADERS)

    @routes.get("/metrics")
    def numbers() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST, headers=_HEADERS)

    app.include_router(routes)


def _serving_or_none(desk: Desk) -> Serving | None:
    try:
        return serving(desk)
    except PolicyQAError:
        return None
