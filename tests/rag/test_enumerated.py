"""Matters that a question counts off are questions of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.enumerated import counted_off
from rag.types import Answer


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "科长交代两件事:一是办孵化器 二是跟职校合办培训。各是哪个厅主抓",
            ("办孵化器，是哪个厅主抓", "跟职校合办培训，是哪个厅主抓"),
        ),
        (
            "修水厂,一头想让上面贴利息,一头想叫银行放款。这两头各找谁牵头?",
            ("修水厂,想让上面贴利息，找谁牵头?", "修水厂,想叫银行放款，找谁牵头?"),
        ),
        (
            "鼓励创新是一摊,引人育人是另一摊,这两摊各归哪个厅牵头",
            ("鼓励创新，归哪个厅牵头", "引人育人，归哪个厅牵头"),
        ),
        (
            "问两样:其一,闲置的地怎么处置;其二,扩区要走什么程序",
            ("闲置的地怎么处置", "扩区要走什么程序"),
        ),
        (
            "园中园说过不止一回,一处讲怎么合办,一处讲民间的钱怎么进来,都给我说说",
            ("园中园说过不止一回,怎么合办", "园中园说过不止一回,民间的钱怎么进来"),
        ),
        (
            "环评这事,一头说开快速通道,一头又说大改了要重做,分别是哪两条讲的",
            ("环评这事,开快速通道，怎么规定的？", "环评这事,大改了要重做，怎么规定的？"),
        ),
        (
            "打分是一条,打分的结果怎么用又是另一条,请把两条都找出来,并说明各由谁牵头",
            ("打分，由谁牵头", "打分的结果怎么用"),
        ),
        (
            "两种处罚分别停几年:一种是送检没过,一种是作假骗钱?",
            ("处罚停几年:送检没过？", "处罚停几年:作假骗钱？"),
        ),
        # One question.
        ("一头是市里,一头是省里,到底谁说了算", ()),
        ("一边等贷款一边等土地,谁管", ()),
        ("贷款贴息谁牵头", ()),
        ("", ()),
    ],
)
def test_what_is_counted_off(message: str, parts: tuple[str, ...]) -> None:
    assert counted_off(message, lambda text: True) == parts


def test_parts_without_a_matter_are_no_questions() -> None:
    assert counted_off("一是办孵化器 二是跟职校合办培训。各是哪个厅主抓", lambda text: "职校" in text) == ()


@pytest.mark.parametrize(
    ("message", "articles"),
    [
        ("两个活:一是给科技小公司办孵化器 二是跟职业学校合办培养工人。各是哪个厅主抓?", {12, 13}),
        ("第一件,基础设施贷款贴息找谁;第二件,人才绿色通道找谁", {14, 13}),
    ],
)
def test_each_has_its_answer(ask: Callable[..., Answer], message: str, articles: set[int]) -> None:
    answer = ask(message)
    assert answer.trace["kind"] == "several"
    assert {citation.article for citation in answer.citations} == articles
