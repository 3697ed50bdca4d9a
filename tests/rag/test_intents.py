"""What kind of thing a question wants, by its wording as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.departments import load_directory
from ingest.errors import ModelBroken, ModelMissing
from ingest.references import find_references
from ingest.settings import ROOT
from rag.intents import INTENTS, SHIPPED, THINGS, Intents, load_intents, load_things, mask, pieces

LABELLED = ROOT / "models" / "intent_questions.jsonl"
DIRECTORY = load_directory(ROOT / "corpus" / "departments.yaml")
SHIPPED_INTENTS = load_intents()


def masked(text: str) -> str:
    return mask(text, DIRECTORY.mentions(text), find_references(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("省工信委后来并到哪儿去了?", "部后来并到哪儿去了"),
        ("第十四条接的是国办发〔2014〕54号哪一条?", "第0条接的是文哪一条"),
        ("《城乡规划法》还有效吗", "文还有效吗"),
        ("国发11号里第七条怎么说", "文里第0条怎么说"),
        ("(五)里的3亿美元还管用不?", "0里的0亿美元还管用不"),
    ],
)
def test_names_and_numbers_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


# None of these stands in the labelled questions.
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("用地指标单列这句,省里是从54号文哪条搬来的", "alignment"),
        ("土地集约这块,省里是从国务院54号文哪条搬过来的", "alignment"),
        ("三证合一的那套搞法如今还作数不", "currency"),
        ("209号文是不是早就作废了", "currency"),
        ("省质监局后来并到哪个局里去了", "body_now"),
        ("省环保厅现在的牌子挂的什么名", "body_now"),
        ("厂房闲着想租出去归哪个部门管", "other"),
        ("把第十二条的原文念给我听", "other"),
        ("省财政厅牵头的是哪几条", "other"),
    ],
)
def test_what_plain_questions_want(text: str, intent: str) -> None:
    told = SHIPPED_INTENTS.read(masked(text))
    assert max(told, key=lambda name: told[name]) == intent


@given(st.text(max_size=80))
def test_likelihoods_are_of_all_intents_and_make_one(text: str) -> None:
    told = SHIPPED_INTENTS.read(masked(text))
    assert tuple(told) == INTENTS
    assert sum(told.values()) == pytest.approx(1.0)
    assert all(0 <= value <= 1 for value in told.values())


def test_a_single_weight_moves_what_it_is_of() -> None:
    intents = Intents(weights={"还": (0.0, 5.0, 0.0, 0.0)}, bias=(0.0, 0.0, 0.0, 0.0))
    assert intents.read("它还在吗")["currency"] > 0.25 == intents.read("它找谁办")["currency"]
    assert intents.read("还呢")["other"] == 1.0
    assert list(pieces("还在")) == ["^", "还", "在", "$", "^还", "还在", "在$", "^还在", "还在$", "^还在$"]


def test_the_labelled_questions_are_sound() -> None:
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows]
    assert {row["intent"] for row in rows} == set(INTENTS)
    assert all(set(row) == {"text", "intent"} and row["text"].strip() for row in rows)
    assert len(texts) == len(set(texts)) >= 1000


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"bias": [0, 0, 0], "weights": {}}',
        '{"bias": [0, 0, 0, 0], "weights": {"还": [1, 2]}}',
        '{"bias": [0, 0, 0, "x"], "weights": {}}',
    ],
)
def test_broken_weights_are_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "intents.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelBroken, match=r"intents\.json"):
        load_intents(path)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="train-intents"):
        load_intents(tmp_path / "intents.json")


def test_the_weights_are_small() -> None:
    assert SHIPPED.stat().st_size < 1_500_000


# None of these stands in models/ask_questions.jsonl.
@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("办犬证得揣着哪些东西去", "materials"),
        ("供水公司的客服号给我一个", "contact"),
        ("暖气费一平方收几块", "amount"),
        ("养老机构的护理员一个人最多看几位老人", "count"),
        ("执照交上去得等几天", "duration"),
        ("锅炉隔多长时间检一回", "times"),
        ("报名打哪天开始", "when"),
        ("路灯坏了归哪个部门修", "other"),
        ("小区里能不能养大型犬", "other"),
        ("对乱停车是怎么规定的", "other"),
    ],
)
def test_what_thing_is_asked_for(text: str, thing: str) -> None:
    told = load_things().read(masked(text))
    assert max(told, key=lambda name: told[name]) == thing


def test_the_labelled_things_are_sound() -> None:
    lines = (ROOT / "models" / "ask_questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert {row["asks"] for row in rows} == set(THINGS)
    assert all(set(row) == {"q", "asks"} and row["q"].strip() for row in rows)
    assert len({row["q"] for row in rows}) == len(rows)
