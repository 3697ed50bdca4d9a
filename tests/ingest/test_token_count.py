"""Counting tokens without a network: our own encoding, or the model's where it is cached."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ModelBroken, ModelMissing
from ingest.token_count import SHIPPED, open_counter, read_encoding

POLICY = Path(__file__).resolve().parents[2] / "corpus" / "gansu-etdz-2015.txt"


@given(st.text())
def test_any_text_is_encoded_without_loss(text: str) -> None:
    encoding = read_encoding(SHIPPED)
    assert isinstance(encoding, tiktoken.Encoding)
    known = text.encode("utf-8", "replace").decode()
    assert encoding.decode(encoding.encode(known, disallowed_special=())) == known


def test_it_counts_more_than_the_models_that_people_run_and_less_than_bytes() -> None:
    text = POLICY.read_text(encoding="utf-8")
    assert 0.65 * len(text) < open_counter("qwen2.5-7b-instruct").count(text) < 1.2 * len(text)


@pytest.mark.parametrize("model", [None, "", "qwen2.5:7b", "openai:gpt-4o", "gpt-4", "a/b/c"])
def test_without_a_cache_our_own_encoding_counts(
    model: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert open_counter(model).count("对贷款予以贴息") == open_counter(None).count("对贷款予以贴息")


def test_a_cached_encoding_of_the_model_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
    (tmp_path / hashlib.sha1(source.encode()).hexdigest()).write_bytes(b"")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    asked = []

    def get_encoding(name: str) -> tiktoken.Encoding:
        asked.append(name)
        return tiktoken.Encoding(
            "t", pat_str=".", mergeable_ranks={bytes([b]): b for b in range(256)}, special_tokens={}
        )

    monkeypatch.setattr(tiktoken, "get_encoding", get_encoding)
    assert open_counter("openai:gpt-4o").count("贴") == 3
    assert asked == ["o200k_base"]


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"policy\.tiktoken"):
        read_encoding(tmp_path / "policy.tiktoken")
    broken = tmp_path / "broken.tiktoken"
    for content in ("x", "!!! 1", "YQ== one"):
        broken.write_text(content, encoding="ascii")
        with pytest.raises(ModelBroken, match=r"broken\.tiktoken"):
            read_encoding(broken)
