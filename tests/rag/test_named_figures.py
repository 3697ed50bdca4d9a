"""A figure with a name of its own is not answered by another one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from rag_samples import ADVERTISING, context_for

from rag.build import Assistant
from rag.evidence import search
from rag.named_figures import (
    _other_grade,
    _other_level,
    lacks_known_figure,
    namesake,
    other_sibling,
)

FORMS = Path(__file__).resolve().parents[2] / "corpus" / "question_forms.yaml"
SIBLINGS = yaml.safe_load(FORMS.read_text(encoding="utf-8"))["siblings"]


@pytest.mark.parametrize(
    ("question", "article", "lacks"),
    [
        ("户外广告设施受理以后多少天作出决定", 5, False),
        # Days, but not of the term of validity nor of a payment.
        ("户外广告设施许可证有效期是几年", 5, True),
        ("户外广告的补贴几天到账", 5, True),
        ("户外广告一平方米罚几倍", 5, True),
    ],
)
def test_what_the_article_does_not_speak_of(
    several: Assistant, question: str, article: int, lacks: bool
) -> None:
    with context_for(several, question) as context:
        hits = search(context, "户外广告设施申请受理决定")
        (hit,) = [
            h for h in hits if (h.clause.document_id, h.clause.clause.article) == (ADVERTISING, article)
        ]
        assert lacks_known_figure(context, hit) is lacks


@pytest.mark.parametrize(
    ("asked", "held", "other"),
    [
        ("三级召回几天内做完", "一级召回应当在24小时内启动,二级召回应当在48小时内启动。", True),
        ("一级召回几小时启动", "一级召回应当在24小时内启动,二级召回应当在48小时内启动。", False),
        ("c级企业一年查几次", "对信用等级为a级的市场主体,每年抽查不超过一次。", True),
        ("3a级景区奖多少", "5a级的,奖励五十万元;4a级的,奖励三十万元。", True),
        ("4a级景区奖多少", "5a级的,奖励五十万元;4a级的,奖励三十万元。", False),
        # A range holds it, and a clause without grades says nothing against it.
        ("三级医院补多少", "二级及以上医院给予补助。", False),
        ("三级医院补多少", "对医院给予补助10万元。", False),
        ("省级基地补多少", "国家级基地补助100万元。", False),
    ],
)
def test_a_grade_that_the_clause_does_not_have(asked: str, held: str, other: bool) -> None:
    assert _other_grade(asked, held) is other


@pytest.mark.parametrize(
    ("asked", "held", "other"),
    [
        ("新建县级科普场馆补多少", "新建市级科普场馆的,补助50万元。", True),
        ("新建市级科普场馆补多少", "新建市级科普场馆的,补助50万元。", False),
        # The level stands in the clause, if for another thing; another thing is of that level.
        ("县级科普场馆补多少", "市级科普场馆补助50万元,由县级财政发放。", False),
        ("县级示范基地补多少", "市级科普场馆补助50万元。", False),
        ("省级财政补多少", "市级财政补助50万元。", False),
    ],
)
def test_a_level_that_the_clause_does_not_have(asked: str, held: str, other: bool) -> None:
    assert _other_level(asked, held) is other


@pytest.mark.parametrize(
    ("members", "example", "other"),
    [
        (row["members"], example, key == "examples")
        for row in SIBLINGS
        for key in ("examples", "not")
        for example in row[key]
    ],
)
def test_one_of_a_kind_is_not_another(members: list[str], example: str, other: bool) -> None:
    asked, held = example.split("|")
    assert other_sibling(asked, held, members) is other


def test_one_of_a_kind_is_told_of_where_its_figure_stands() -> None:
    held = "对制定国家标准的企业,每项奖励50万元;鼓励集群制定团体标准。"
    members, money = ["国家标准", "团体标准"], re.compile(r"万元")
    assert other_sibling("团体标准每项奖多少", held, members, money)
    assert not other_sibling("国家标准每项奖多少", held, members, money)


@pytest.mark.parametrize(
    ("asked", "held", "telling", "other"),
    [
        (
            "村卫生室设中医阁每个补助几万",
            "村卫生室设置中医阁。验收合格的中医馆,每个补助10万元。",
            "中医馆",
            True,
        ),
        (
            "验收合格的中医馆每个补助几万",
            "村卫生室设置中医阁。验收合格的中医馆,每个补助10万元。",
            "中医馆",
            False,
        ),
        (
            "绿色供应链企业奖多少",
            "绿色供应链企业优先支持。新认定的绿色工厂奖励100万元。",
            "绿色工厂",
            True,
        ),
        # What is encouraged behind the figures has none of them.
        ("通用机场修加注设施补多少", "充换电站每站最高30万元。支持通用机场建设加注设施。", "30万", True),
        ("通用机场修加注设施补多少", "支持通用机场建设加注设施。每站最高30万元。", "30万", False),
        # No namesake, and one that is longer.
        ("体育公园几点关门", "体育公园向公众开放。博物馆每日9:00开放。", "博物馆", False),
        ("卫生院几天送药", "卫生院应当登记。卫生服务中心在5日内送药。", "卫生服务", False),
    ],
)
def test_a_figure_is_not_that_of_what_is_called_alike(
    asked: str, held: str, telling: str, other: bool
) -> None:
    sentences = held.removesuffix("。").split("。")
    assert namesake(asked, sentences, [each for each in sentences if telling in each]) is other
