"""The language model, behind one method. Nothing else knows LangChain's chat models."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from ingest.errors import BadInput, PolicyQAError
from ingest.settings import Settings

# How endpoints say that they know no response_format.
_FORM_REFUSED = (400, 404, 415, 422, 501)


class ChatFailed(PolicyQAError):
    """The model gave no usable answer: unreachable, too slow, unauthorised, or nonsense."""


class Chat(Protocol):
    """A language model that completes one prompt."""

    def complete(self, prompt: str) -> str:
        """The model's text; raises ChatFailed."""
        ...

    def stream(self, prompt: str, form: dict[str, Any]) -> Iterator[str]:
        """The model's text as it comes, JSON of the given schema where the model can be held to it.

        Raises ChatFailed, also after some text has come: the connection broke, or the time was up.
        """
        ...


class LangChainChat:
    """Any chat model that LangChain's `init_chat_model` can open; opened on first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: Any = None
        # Whether the endpoint is asked to keep to a schema; not again once it has refused to.
        self._formed = settings.model_structured and self._speaks_openai

    def complete(self, prompt: str) -> str:
        """Ask the configured model once, with the configured time limit."""
        with _failing():
            return str(self._opened().invoke(prompt).text)

    def stream(self, prompt: str, form: dict[str, Any]) -> Iterator[str]:
        """As the protocol says; the time limit is for the whole reply, and for the wait between two parts of it."""
        with _failing():
            self._opened()
            end = time.monotonic() + self._settings.model_timeout_s
            for part in self._parts(prompt, form):
                yield str(part.text)
                if time.monotonic() > end:
                    raise ChatFailed("语言模型没有在限定时间内答完")

    def _parts(self, prompt: str, form: dict[str, Any]) -> Iterator[Any]:
        model = self._opened()
        if not self._formed:
            yield from model.stream(prompt)
            return
        schema = {"name": "answer", "schema": form, "strict": True}
        wanted = {"response_format": {"type": "json_schema", "json_schema": schema}}
        parts = model.bind(extra_body=wanted).stream(prompt)
        try:
            first = next(parts, None)
        except Exception as error:
            if getattr(error, "status_code", None) not in _FORM_REFUSED:
                raise
            self._formed = False
            yield from model.stream(prompt)
            return
        if first is not None:
            yield first
            yield from parts

    @property
    def _speaks_openai(self) -> bool:
        settings = self._settings
        return bool(settings.model_base_url) or (settings.model or "").startswith("openai:")

    def _opened(self) -> Any:
        if self._model is None:
            self._model = self._open()
        return self._model

    def _open(self) -> Any:
        from langchain.chat_models import init_chat_model

        settings = self._settings
        options: dict[str, Any] = {"temperature": 0, "timeout": settings.model_timeout_s}
        options["max_retries"] = settings.model_retries
        if settings.model_base_url:
            options["base_url"] = settings.model_base_url
            options["model_provider"] = "openai"
        if settings.model_api_key is not None:
            options["api_key"] = settings.model_api_key.get_secret_value()
        elif settings.model_base_url:
            # Local servers ask for no key, but the client insists on one.
            options["api_key"] = "none"
        name = settings.model or ""
        if settings.model_base_url:
            name = name.removeprefix("openai:")
        return init_chat_model(name, **options)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except (PolicyQAError, GeneratorExit):
        raise
    except Exception as error:  # providers raise their own kinds
        raise ChatFailed(f"语言模型没有答复（{type(error).__name__}）") from error


def open_chat(settings: Settings) -> Chat | None:
    """The chat model that the settings name, or None for extractive answers; BadInput if it is missing."""
    if settings.profile == "extractive" or (settings.profile == "auto" and not settings.model):
        return None
    if not settings.model:
        raise BadInput(
            "没有配置语言模型：请设置 POLICYQA_MODEL（和 POLICYQA_MODEL_BASE_URL），或用 --profile extractive"
        )
    return LangChainChat(settings)
