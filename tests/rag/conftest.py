"""The real index of the shipped policy with the shipped embedder, and one with two more documents."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import shipped_index
from rag_samples import write_documents

from ingest.library import Library
from ingest.settings import Settings
from rag.build import Assistant, open_assistant
from rag.types import Answer

Ask = Callable[..., Answer]


@pytest.fixture(scope="session", autouse=True)
def _own_settings() -> Iterator[None]:
    """Settings of whoever runs the tests play no part."""
    set_aside = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("POLICYQA_")}
    yield
    os.environ.update(set_aside)


def settings_for(data: Path, **more: object) -> Settings:
    """Settings from the arguments alone."""
    return Settings(_env_file=None, data=data, **{"profile": "extractive"} | more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., Settings]:
    return settings_for


@pytest.fixture(scope="session")
def policy_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the shipped policy indexed; not to be changed."""
    return shipped_index.copy_to(tmp_path_factory.mktemp("policy") / "data")


@pytest.fixture(scope="session")
def with_document(
    policy_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], AbstractContextManager[Assistant]]:
    """with_document("yunling-1", text): an assistant over the shipped policy and one more document of that id."""

    @contextmanager
    def opened(name: str, text: str) -> Iterator[Assistant]:
        folder = tmp_path_factory.mktemp(name)
        data = Path(shutil.copytree(policy_data, folder / "data"))
        file = folder / f"{name}.txt"
        file.write_text(text, encoding="utf-8")
        library = Library(settings_for(data))
        library.add([file])
        library.close()
        with open_assistant(settings_for(data)) as assistant:
            yield assistant

    return opened


@pytest.fixture(scope="session")
def several_data(policy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the shipped policy and the two documents of rag_samples; not to be changed."""
    folder = tmp_path_factory.mktemp("several")
    data = Path(shutil.copytree(policy_data, folder / "data"))
    library = Library(settings_for(data))
    library.add(write_documents(folder))
    library.close()
    return data


@pytest.fixture(scope="session")
def assistant(policy_data: Path) -> Iterator[Assistant]:
    """The assistant over the shipped policy alone."""
    with open_assistant(settings_for(policy_data)) as opened:
        yield opened


@pytest.fixture(scope="session")
def several(several_data: Path) -> Iterator[Assistant]:
    """The assistant over three documents."""
    with open_assistant(settings_for(several_data)) as opened:
        yield opened


@pytest.fixture(scope="session")
def ask(assistant: Assistant) -> Ask:
    """ask("…", "…"): the answer to the last turn over the shipped policy."""
    return lambda *turns: assistant.ask(turns)


@pytest.fixture(scope="session")
def ask_several(several: Assistant) -> Ask:
    """As `ask`, over three documents."""
    return lambda *turns: several.ask(turns)
