"""False sentences of a language model: the true ones are kept, every change to them is caught."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shipped_index

from evals.corruptions import CHANGES, RepeatingChat, cases, try_corruptions
from ingest.prompts import load_prompt
from ingest.settings import ROOT, Settings
from ingest.token_count import open_counter
from rag.build import Assistant, open_assistant
from rag.write import Writer


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    data = shipped_index.copy_to(tmp_path_factory.mktemp("corrupt") / "data")
    settings = Settings(_env_file=None, data=data, profile="extractive")  # type: ignore[call-arg]
    with open_assistant(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def writer() -> Writer:
    prompt = load_prompt(ROOT / "prompts", "answer")
    return Writer(chat=RepeatingChat(), prompt=prompt, counter=open_counter(None), budget=3000)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_false_sentence_reaches_an_answer_and_true_ones_do(
    assistant: Assistant, writer: Writer, seed: int
) -> None:
    outcome = try_corruptions(assistant, writer, 800, seed)
    assert outcome.kept == outcome.true >= 40
    assert sum(outcome.tried.values()) == 800 and all(outcome.tried[name] for name in CHANGES)
    assert outcome.passed == ()


def test_what_gets_through_is_reported(
    assistant: Assistant, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = cases(assistant)[0].reply
    monkeypatch.setitem(
        CHANGES, "nothing changed", lambda case, _: replace(case.reply, quote=case.reply.quote)
    )
    outcome = try_corruptions(assistant, writer, 40, 3)
    assert [name for name, _ in outcome.passed] == ["nothing changed"] * outcome.tried["nothing changed"]
    assert reply.to_json().startswith('{"sentences"')
