"""What is counted while the program runs, as Prometheus reads it: numbers only, no question and nobody's address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from rag.types import Mode, Status

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# From a cached answer to a language model's last second.
_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
_CALLS = ("/gradio_api/run/", "/gradio_api/api/", "/gradio_api/call/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The state of the index that answers: its generation and how many documents it holds."""

    generation: str
    documents: int


class Metrics:
    """The counters of one program, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._questions = Counter(
            "policyqa_questions",
            "Questions answered, from the page and from programs",
            ["status", "mode"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "policyqa_question_seconds",
            "Seconds from a question to its answer",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._pages = Counter("policyqa_page_loads", "How often the page was opened", registry=self.registry)
        self._errors = Counter(
            "policyqa_errors",
            "Questions that failed (answer), and requests answered with status 5xx (http)",
            ["where"],
            registry=self.registry,
        )
        for where in ("answer", "http"):
            self._errors.labels(where)
        ProcessCollector(registry=self.registry)

    def answered(self, status: Status, mode: Mode, seconds: float) -> None:
        """Count one question; an rag.build.Observer."""
        self._questions.labels(str(status), mode).inc()
        self._seconds.observe(seconds)
        if status is Status.ERROR:
            self._errors.labels("answer").inc()

    def responded(self, method: str, path: str, status_code: int) -> None:
        """Count a response: the page itself, and what failed."""
        if method == "GET" and path in ("", "/") and status_code == 200:
            self._pages.inc()
        # 503 is said on purpose, and Gradio says 500 to a caller's bad input.
        if status_code >= 500 and status_code != 503 and not path.startswith(_CALLS):
            self._errors.labels("http").inc()

    def watch_index(self, serving: Callable[[], Serving | None]) -> None:
        """Tell with the counters what `serving` says of the index; None where it cannot answer."""
        self.registry.register(_Index(serving))

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self.registry)


class _Index(Collector):
    """The index as it stands when the numbers are read."""

    def __init__(self, serving: Callable[[], Serving | None]) -> None:
        self._serving = serving

    def describe(self) -> Iterable[Metric]:
        """Nothing: the index is not opened for it."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Whether the index can answer and, where it can, which one it is."""
        serving = self._serving()
        ready = 0 if serving is None else 1
        yield GaugeMetricFamily("policyqa_ready", "1 where the index can answer", value=ready)
        if serving is not None:
            info = {"generation": serving.generation}
            yield InfoMetricFamily("policyqa_index", "The index that answers", value=info)
            count = serving.documents
            yield GaugeMetricFamily("policyqa_index_documents", "Documents in the index", value=count)


class Counted:
    """An ASGI program whose responses are counted."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through as it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.responded(scope["method"], scope["path"], message["status"])
            await send(message)

        await self._app(scope, receive, watched)
