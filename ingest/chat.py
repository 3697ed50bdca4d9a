"""The language model, behind one method. Nothing else knows LangChain's chat models."""

from __future__ import annotations

from typing import Any, Protocol

from ingest.errors import BadInput, PolicyQAError
from ingest.settings import Settings


class ChatFailed(PolicyQAError):
    """The model gave no usable answer: unreachable, too slow, unauthorised, or nonsense."""


class Chat(Protocol):
    """A language model that completes one prompt."""

    def complete(self, prompt: str) -> str:
        """The model's text; raises ChatFailed."""
        ...


class LangChainChat:
    """Any chat model that LangChain's `init_chat_model` can open; opened on first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: Any = None

    def complete(self, prompt: str) -> str:
        """Ask the configured model once, with the configured time limit."""
        try:
            if self._model is None:
                self._model = self._open()
            reply = self._model.invoke(prompt)
        except PolicyQAError:
            raise
        except Exception as error:  # providers raise their own kinds
            raise ChatFailed(f"语言模型没有答复({type(error).__name__})") from error
        return str(reply.text)

    def _open(self) -> Any:
        from langchain.chat_models import init_chat_model

        settings = self._settings
        options: dict[str, Any] = {"temperature": 0, "timeout": settings.model_timeout_s, "max_retries": 1}
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


def open_chat(settings: Settings) -> Chat | None:
    """The chat model that the settings name, or None for extractive answers; BadInput if it is missing."""
    if settings.profile == "extractive" or (settings.profile == "auto" and not settings.model):
        return None
    if not settings.model:
        raise BadInput(
            "没有配置语言模型:请设置 POLICYQA_MODEL(和 POLICYQA_MODEL_BASE_URL),或用 --profile extractive"
        )
    return LangChainChat(settings)
