"""Whose matter a question is tells whether the policy's own clauses answer it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from ingest.embedder import open_embedder
from ingest.errors import ModelBroken, ModelMissing
from rag.matters import FEATURES, SHIPPED, Matters, load_matters
from rag.ranker import load_ranker, probability
from rag.types import Answer, Status

MODELS = SHIPPED.parent


@pytest.mark.parametrize(
    ("ours", "other"),
    [
        ("园区修路的贷款能不能补点利息", "给孩子转学要什么手续"),
        ("开发区新增的用地指标单独给吗", "隔壁邻居盖房挡了我家阳光"),
        ("外资项目审批放到园区了没有", "驾照被扣了几分去哪查"),
        ("引进博士有没有快速通道", "我妈的医保卡丢了去哪补"),
    ],
)
def test_the_policys_matters_lie_on_the_other_side_of_others(ours: str, other: str) -> None:
    embedder, matters = open_embedder(None), load_matters()
    assert matters.embedder == embedder.name == load_ranker().business.embedder
    own, foreign = (matters(embedder.embed_query(text)) for text in (ours, other))
    assert set(own) == set(FEATURES)
    assert own["own_matter"] > foreign["own_matter"]
    assert own["other_matter"] < foreign["other_matter"]


def test_a_first_hit_is_less_likely_to_answer_the_nearer_the_question_lies_to_other_matters() -> None:
    calibration = load_ranker().calibration_asked
    row = dict.fromkeys(calibration, 0.5)
    likely = [probability(calibration, row | {"other_matter": near}) for near in (0.2, 0.5, 0.8)]
    assert likely == sorted(likely, reverse=True)
    assert probability(calibration, row | {"own_matter": 3.0}) > probability(
        calibration, row | {"own_matter": -3.0}
    )


@pytest.mark.parametrize(
    "question",
    [
        "村里修水渠的钱找谁要?",
        "想开个药店,哪个部门发证?",
        "残疾证在哪个部门办?",
        "小区电梯坏了半年没人修,找谁?",
    ],
)
def test_another_matter_is_not_answered_by_the_policy(ask: Callable[..., Answer], question: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NOT_IN_CORPUS and not answer.departments.lead


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("园区边上孩子上学远,看病也远,公交一天就两趟,省里谁主抓?", 22),
        ("几个园区一窝蜂上同样的项目,上面要求各走各的路子,这归哪个部门牵头?", 2),
    ],
)
def test_a_matter_of_the_policy_in_words_far_from_it_is_answered(
    ask: Callable[..., Answer], question: str, article: int
) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED
    assert article in {citation.article for citation in answer.citations}


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    vectors = np.eye(4, 8, dtype=np.float32)
    matters = Matters(embedder="some", others=vectors, direction=np.ones(8, dtype=np.float32), bias=-0.5)
    matters.save(tmp_path / "matters.safetensors")
    again = load_matters(tmp_path / "matters.safetensors")
    assert again.embedder == "some" and again.bias == -0.5
    assert again(vectors[0]) == pytest.approx(matters(vectors[0]))


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    file = tmp_path / "matters.safetensors"
    with pytest.raises(ModelMissing, match=r"matters\.safetensors.*train-ranker"):
        load_matters(file)
    file.write_bytes(b"no weights")
    with pytest.raises(ModelBroken, match=r"matters\.safetensors"):
        load_matters(file)
    few = {
        "others": np.zeros((2, 8), np.float32),
        "direction": np.ones(8, np.float32),
        "bias": np.zeros(1, np.float32),
    }
    save_file(few, str(file), metadata={"embedder": "some"})
    with pytest.raises(ModelBroken, match="other sizes"):
        load_matters(file)


def test_the_questions_it_was_learned_from_are_well_formed() -> None:
    other = [json.loads(line) for line in (MODELS / "other_matters.jsonl").read_text("utf-8").splitlines()]
    asking = [
        json.loads(line) for line in (MODELS / "pairs" / "asking.jsonl").read_text("utf-8").splitlines()
    ]
    assert all(set(row) == {"matter", "question"} and row["matter"].strip() for row in other)
    assert {row["article"] for row in asking} == set(range(1, 25))
    questions = [row["question"].strip() for row in (*other, *asking)]
    assert all(questions) and len(set(questions)) == len(questions)
    # Those that ask may not be among the expected ones, to which they would be no test.
    expected = (MODELS.parent / "corpus" / "questions" / "gansu-etdz-2015.jsonl").read_text("utf-8")
    held = {json.loads(line)["question"] for line in expected.splitlines()}
    assert not held & set(questions)
