"""Models named in the settings: small transformers made here, opened, indexed with and asked for real."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rag_samples import SEED

from ingest.embedder import SentenceTransformerEmbedder, StaticEmbedder, open_embedder
from ingest.errors import ModelBroken, ModelMissing, PolicyQAError
from ingest.library import Library
from ingest.settings import Settings
from rag.build import open_assistant
from rag.cross_encoder import open_reranker
from rag.types import Status

pytestmark = pytest.mark.slow
PROMPT = "为这个句子生成表示："


def small_bert(folder: Path, labels: int | None) -> Path:
    """A transformer of one layer over the policy's characters, its weights drawn at random."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    folder.mkdir()
    policy = Path(__file__).resolve().parents[2] / "corpus" / f"{SEED}.txt"
    characters = sorted({*policy.read_text(encoding="utf-8"), *PROMPT} - {"\n", " ", "\u3000"})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=48, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=512, num_labels=labels or 1,
    )  # fmt: skip
    model = BertForSequenceClassification(config) if labels else BertModel(config)
    model.save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def small_embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    folder = tmp_path_factory.mktemp("models")
    words = Transformer(str(small_bert(folder / "bert", None)))
    pooling = Pooling(words.get_embedding_dimension(), pooling_mode="mean")
    model = SentenceTransformer(
        modules=[words, pooling], device="cpu", prompts={"query": PROMPT, "document": ""}
    )
    model.save(str(folder / "embedder"))
    return folder / "embedder"


@pytest.fixture(scope="session")
def small_reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_bert(tmp_path_factory.mktemp("models") / "reranker", 1)


def test_its_dimensions_prompt_and_zero_are_its_own(small_embedder: Path) -> None:
    import numpy as np

    embedder = open_embedder(str(small_embedder))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert embedder.dimensions == 48
    prompted = embedder.embed_documents([PROMPT + "土地由谁负责"])[0]
    np.testing.assert_allclose(embedder.embed_query("土地由谁负责"), prompted, atol=1e-5)
    assert (
        abs(float(embedder.embed_query("土地由谁负责") @ embedder.embed_documents(["土地由谁负责"])[0]))
        < 0.9999
    )
    assert 0 < embedder.baseline < 1


def test_an_index_is_built_and_asked_with_it_and_changes_with_the_setting(
    small_embedder: Path, tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    def build(**more: object) -> Settings:
        settings = make_settings(tmp_path / "data", **more)
        library = Library(settings)
        library.build()
        library.close()
        return settings

    settings = build(embedder=str(small_embedder))
    with open_assistant(settings) as assistant:
        answer = assistant.ask(["贷款贴息由谁牵头？"])
        assert answer.status is Status.ANSWERED
        assert answer.citations[0].article == 14
    # Asked with another embedder than it was built with: said, with the way out; built again: asked as before.
    with (
        pytest.raises(PolicyQAError, match="build"),
        open_assistant(make_settings(tmp_path / "data")) as other,
    ):
        other.ask(["贷款贴息由谁牵头？"])
    settings = build()
    with open_assistant(settings) as assistant:
        assert isinstance(assistant.knowledge.retriever._embedder, StaticEmbedder)
        assert assistant.ask(["贷款贴息由谁牵头？"]).citations[0].article == 14


def test_a_cross_encoder_orders_what_the_retriever_found(
    small_reranker: Path, policy_data: Path, make_settings: Callable[..., Settings]
) -> None:
    reranker = open_reranker(str(small_reranker))
    assert reranker is not None
    with open_assistant(make_settings(policy_data, reranker=str(small_reranker))) as assistant:
        hits = assistant.search("贷款贴息", 24)
        texts = [
            f"{hit.clause.clause.heading}。{hit.clause.clause.text}" for hit in hits if "read" in hit.features
        ]
        judged = reranker.scores("贷款贴息", texts)
        assert [hit.features["read"] for hit in hits[: len(texts)]] == pytest.approx(judged, abs=1e-5)
        assert len(texts) == 16
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        answer = assistant.ask(["贷款贴息由谁牵头？"])
        assert answer.citations, "answers keep being checked citations"
    with open_assistant(make_settings(policy_data)) as plain:
        assert {h.clause.key for h in plain.search("贷款贴息", 24)} == {h.clause.key for h in hits}


def test_no_clauses_need_no_judging(small_reranker: Path) -> None:
    reranker = open_reranker(str(small_reranker))
    assert reranker is not None
    assert reranker.scores("土地", []) == []


@pytest.mark.parametrize("name", [None, "", "  "])
def test_without_the_setting_there_is_none(name: str | None) -> None:
    assert open_reranker(name) is None


def test_a_missing_reranker_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="leave the setting empty") as caught:
        open_reranker(str(tmp_path / "none"))
    assert "\n" not in str(caught.value)


def test_broken_or_many_armed_rerankers_are_refused(small_reranker: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(small_reranker, tmp_path / "broken"))
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelBroken, match="cannot be opened") as caught:
        open_reranker(str(broken))
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelBroken, match="3 numbers"):
        open_reranker(str(small_bert(tmp_path / "wide", 3)))
