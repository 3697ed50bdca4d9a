"""The reader tells what a clause answers from what it nearly answers, and in numpy what it was trained to in torch."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes import HashEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.embedder import StaticEmbedder, open_embedder
from ingest.errors import ModelBroken, ModelMissing
from rag.reader import MOST_READ, SHIPPED, Passage, Reader, open_reader

sys.path.insert(0, str(SHIPPED.parent))

PERMIT = Passage(
    heading="",
    sentences=(
        "设置大型户外广告应当向城市管理部门提出申请，并提交设计图和场地使用权证明。",
        "城市管理部门应当自受理申请之日起十五个工作日内作出决定。",
        "许可的有效期为三年。",
        "未经许可设置的，责令限期拆除，并处五千元以上二万元以下罚款。",
    ),
)
SUBSIDY = Passage(
    heading="支持技能人才培养",
    sentences=(
        "企业新招用人员并开展岗前培训的，按每人一千元给予补贴。",
        "鼓励职业院校与企业共建实训基地，经认定的一次性给予五十万元资助。",
        "（牵头单位：市人力资源社会保障局；配合单位：市财政局）",
    ),
)


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    found = open_embedder(None)
    assert isinstance(found, StaticEmbedder)
    return found


@pytest.fixture(scope="module")
def reader() -> Reader:
    return shipped()


@pytest.mark.parametrize(
    ("passage", "question", "sentence"),
    [
        (PERMIT, "想在楼顶立块大广告牌，几天能批下来？", 1),
        (PERMIT, "批下来的广告牌能挂几年？", 2),
        (PERMIT, "广告牌没批就挂了，会罚多少？", 3),
        (PERMIT, "办户外广告要交什么材料？", 0),
        (SUBSIDY, "新员工上岗前培训，一个人补多少钱？", 0),
        (SUBSIDY, "跟技校一起办实训基地能拿多少？", 1),
    ],
)
def test_the_sentence_that_answers_comes_first(
    reader: Reader, passage: Passage, question: str, sentence: int
) -> None:
    likely = reader.read(question, [reader.tokens(passage)])[0].sentences
    assert likely.index(max(likely)) == sentence


@pytest.mark.parametrize(
    ("passage", "sentence", "question"),
    [
        (PERMIT, 1, "想在楼顶立块大广告牌，几天能批下来？"),
        (PERMIT, 2, "批下来的广告牌能挂几年？"),
        (PERMIT, 3, "广告牌没批就挂了，会罚多少？"),
        (SUBSIDY, 0, "新员工上岗前培训，一个人补多少钱？"),
        (SUBSIDY, 1, "跟技校一起办实训基地能拿多少？"),
    ],
)
def test_without_its_sentence_a_clause_answers_less(
    reader: Reader, passage: Passage, sentence: int, question: str
) -> None:
    rest = tuple(s for place, s in enumerate(passage.sentences) if place != sentence)
    without = Passage(heading=passage.heading, sentences=rest)
    whole, part = reader.read(question, [reader.tokens(passage), reader.tokens(without)])
    assert whole.answers > part.answers + 0.05


def test_in_numpy_as_in_torch(embedder: StaticEmbedder, tmp_path: Path) -> None:
    from reader_data import Example
    from train_reader import Net, judge, rows_of, save

    from rag.reader import Words

    torch.manual_seed(1)
    net = Net(embedder)
    save(net, embedder, (0.0, 1.0), tmp_path / "net.safetensors")
    small = open_reader(embedder, tmp_path / "net.safetensors")
    assert small is not None
    questions = ["几天能批下来？", "一个人补多少钱？", "这事归谁管？"]
    examples = [
        Example(question=question, passage=passage, answers=True, by=(0,), source="answered")
        for question in questions
        for passage in (PERMIT, SUBSIDY)
    ]
    logits, _ = judge(net, rows_of(examples, Words(embedder)))
    read = [small.read(e.question, [small.tokens(e.passage)])[0].answers for e in examples]
    assert np.allclose(read, 1 / (1 + np.exp(-logits)), atol=0.01)


@cache
def shipped() -> Reader:
    opened = open_reader(open_embedder(None))
    assert opened is not None
    return opened


@settings(max_examples=30)
@given(
    question=st.text(alphabet="谁几多少天补贴罚款?？ a1😀\u202e", max_size=60),
    sentences=st.lists(st.text(alphabet="应当给予补贴三十日内。 \nx", max_size=400), max_size=6),
)
def test_any_text_is_read(question: str, sentences: list[str]) -> None:
    opened = shipped()
    passage = Passage(heading="", sentences=tuple(sentences))
    tokens = opened.tokens(passage)
    assert len(tokens.ids) == len(tokens.sentence) <= MOST_READ
    reading = opened.read(question, [tokens])[0]
    assert 0 <= reading.answers <= 1
    assert all(0 <= likely <= 1 for likely in reading.sentences)


def test_another_embedder_has_no_reader() -> None:
    assert open_reader(HashEmbedder()) is None


@pytest.mark.parametrize("content", [None, b"", b"not weights"])
def test_a_file_that_cannot_be_read_is_named(
    embedder: StaticEmbedder, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "reader.safetensors"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises((ModelMissing, ModelBroken), match=r"reader\.safetensors.*git checkout"):
        open_reader(embedder, file)
