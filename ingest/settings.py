"""Settings from the environment (prefix POLICYQA_) or a .env file."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent

Profile = Literal["auto", "extractive", "llm"]
# Costs above 16 take minutes a try.
_BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")


class Settings(BaseSettings):
    """Everything that can be set, with defaults for one machine without a network."""

    model_config = SettingsConfigDict(env_prefix="POLICYQA_", env_file=".env", extra="ignore", frozen=True)

    data: Path = Field(default=ROOT / "data", description="where the index lives")
    corpus: Path = Field(default=ROOT / "corpus", description="shipped documents and knowledge")
    prompts: Path = Field(default=ROOT / "prompts", description="prompt texts")
    catalogue_url: str | None = Field(default=None, description="SQLAlchemy URL; SQLite in data/ by default")

    embedder: str | None = Field(default=None, description="sentence-transformers model; shipped by default")
    reranker: str | None = Field(
        default=None, description="sentence-transformers cross-encoder; none by default"
    )
    allow_download: bool = Field(default=False, description="whether a model hub may be asked")

    profile: Profile = "auto"
    model: str | None = Field(default=None, description="chat model, e.g. openai:qwen2.5-7b-instruct")
    model_base_url: str | None = Field(default=None, description="OpenAI-compatible endpoint")
    model_api_key: SecretStr | None = None
    model_timeout_s: float = Field(default=30.0, gt=0, description="for the whole of a model's reply")
    model_retries: int = Field(default=1, ge=0, le=5, description="before the first word of a reply")
    model_structured: bool = Field(
        default=True, description="whether an OpenAI-compatible endpoint is asked to keep to a JSON schema"
    )
    model_context_tokens: int = Field(default=3000, ge=500, description="how many tokens a prompt may hold")

    refuse_below: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="least probability that a clause without expected questions answers",
    )
    refuse_below_bodies: float = Field(
        default=0.04, ge=0, le=1, description="the same for questions which body is in charge"
    )
    refuse_below_asked: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="least probability that a clause with expected questions answers",
    )

    as_of: date | None = Field(
        default=None, description="the day that counts as today for what has changed since a document; today"
    )
    keep_unanswered: bool = Field(default=False, description="note questions that found no answer")
    keep_feedback: bool = Field(default=True, description="store what readers of the page think of answers")
    max_question_chars: int = Field(default=2000, gt=0)
    questions_per_minute: int = Field(
        default=60, ge=0, description="of one visitor of the page; a third of them at once; 0 for no limit"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    root_path: str = Field(
        default="",
        pattern=r"^(/[A-Za-z0-9._~-]+)*$",
        description="the path under which a reverse proxy shows the page: /policy; empty where it has a host of its own",
    )

    admin_password_hash: SecretStr | None = Field(
        default=None,
        description="bcrypt hash of the administrator's password; without one there is no /admin",
    )
    max_upload_mib: int = Field(
        default=20, ge=1, le=1000, description="largest file an administrator may upload"
    )

    @field_validator("admin_password_hash")
    @classmethod
    def _is_bcrypt(cls, value: SecretStr | None) -> SecretStr | None:
        """Empty is none; quotes around it stay where a program reads .env without a shell's rules."""
        plain = value.get_secret_value().strip().strip("'\"") if value else ""
        if plain and not _BCRYPT.fullmatch(plain):
            raise PydanticCustomError("bcrypt", "应是 python -m rag admin-password 印出的散列值")
        return SecretStr(plain) if plain else None

    @property
    def today(self) -> date:
        """The day for which currency and present names are told."""
        return self.as_of or date.today()

    @property
    def database_url(self) -> str:
        """Where the catalogue is: sqlite:///…/data/catalogue.sqlite3 unless set."""
        return self.catalogue_url or f"sqlite:///{self.data / 'catalogue.sqlite3'}"


def load_settings(data: Path | None = None, profile: str | None = None) -> Settings:
    """Read the settings; `data` and `profile` come from the command line and win.

    Raises BadInput naming the setting that cannot be used.
    """
    given: dict[str, Any] = {}
    if data is not None:
        given["data"] = data
    if profile is not None:
        given["profile"] = profile
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = "POLICYQA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(f"设置 {name} 的值不可用：{first['msg']}") from None
