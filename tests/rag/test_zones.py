"""Which zones are national ones: told from the digest on them, and nothing else taken for such a question."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rag_samples import SEED, articles, check_answer, documents

from rag.answers.zones import DOCUMENT
from rag.build import Assistant
from rag.types import Answer, Status

_COUNT, _LANZHOU, _JINCHANG, _TIANSHUI, _JIUQUAN, _LEFT, _ZHANGYE = (f"要点{n}" for n in range(1, 8))
_COUNTRY, _NEW_AREA = "要点9", "要点11"


def facts(answer: Answer) -> set[str]:
    """The labels of the facts on zones that an answer cites."""
    return {c.label for c in answer.citations if c.document_id == DOCUMENT}


# Turns, facts that are all cited, words that the answer holds.
ASKED = [
    (("兰州经开区是国家级吗?",), {_LANZHOU}, ["第一家国家级", "未核对"]),
    (("兰州经开区到底是不是国家级的?",), {_LANZHOU}, ["2002年3月"]),
    (("金昌经开区是哪年升的国家级?",), {_JINCHANG}, ["2010年3月"]),
    (("金昌经开区的前身是什么?",), {_JINCHANG}, ["1988年"]),
    (("天水经开区算不算国家级?",), {_TIANSHUI}, ["2010年4月", "未核对"]),
    (("酒泉经开区还是国家级吗?",), {_JIUQUAN, _LEFT}, ["2020年1月17日", "退出", "不代表恢复国家级"]),
    (("酒泉经开区什么时候退出的?",), {_JIUQUAN}, ["连续两年"]),
    (("张掖经开区什么时候获批国家级?",), {_ZHANGYE}, ["2013年3月3日", "国办函〔2013〕46号"]),
    (("张掖经开区考核排名第几?",), {_ZHANGYE}, ["第174位"]),
    (("2020年考核金昌排第几?",), {_JINCHANG}, ["第147位"]),
    (("2020年全国考核,甘肃这几家排第几?",), {_LANZHOU, _JINCHANG, _ZHANGYE}, ["138", "147", "174"]),
    (("兰州新区是国家级经开区吗?",), {_NEW_AREA}, ["兰州新区不是经开区"]),
    (("甘肃有几家国家级经开区?",), {_COUNT}, ["剩4家", "未核对"]),
    (("甘肃现在有几家国家级经开区,都叫什么?",), {_COUNT}, ["兰州、金昌、天水、张掖"]),
    (("全国有多少家国家级经开区?",), {_COUNTRY}, ["2024年底有232家"]),
    # What is not on the list, with the list.
    (("白银经开区是国家级吗?",), {_COUNT}, ["白银不在收录的", "之后有无新增未核对"]),
    (("嘉峪关经开区是不是国家级?",), {_COUNT}, ["嘉峪关不在收录的"]),
    (("武威和兰州的经开区是国家级的吗?",), {_LANZHOU, _COUNT}, ["武威不在收录的"]),
    # What was just talked about.
    (("张掖经开区是国家级吗?", "它是哪年升的?"), {_ZHANGYE}, ["2013年"]),
    (("张掖经开区现在是国家级吧?", "那它是哪年升上来的?"), {_ZHANGYE}, ["2013年"]),
    (("兰州经开区是国家级吗?", "白银呢?"), {_COUNT}, ["白银不在收录的"]),
    (("甘肃的国家级经开区里有兰州吧?", "酒泉呢?"), {_JIUQUAN}, ["退出"]),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "cited", "words"), ASKED)
def test_the_standing_of_zones(
    ask: Callable[..., Answer],
    assistant: Assistant,
    turns: tuple[str, ...],
    cited: set[str],
    words: list[str],
) -> None:
    answer = ask(*turns)
    check_answer(assistant, answer)
    assert answer.status is Status.ANSWERED and answer.trace["kind"] == "zones"
    assert documents(answer) == {DOCUMENT} and facts(answer) >= cited
    assert [word for word in words if word not in answer.text] == []
    assert "（提要，非原文" in answer.text and answer.departments.lead == ()


def test_the_new_area_is_not_the_zone_of_the_city(ask: Callable[..., Answer]) -> None:
    assert facts(ask("兰州新区算国家级经开区吗?")) == {_NEW_AREA}
    assert facts(ask("兰州经开区算国家级吗?")) == {_LANZHOU}


def test_a_zone_on_the_list_is_not_said_to_be_absent(ask: Callable[..., Answer]) -> None:
    for place in ("兰州", "金昌", "天水", "酒泉", "张掖"):
        assert "不在收录的" not in ask(f"{place}经开区是国家级吗?").text


@pytest.mark.parametrize(
    "question",
    [
        "2023年张掖经开区考核排第几?",
        "天水经开区2024年全国考核排第多少名?",
        "兰州经开区2030年考核排第几?",
        "西安经开区是国家级吗?",
        "浙江有几家国家级经开区?",
    ],
)
def test_years_and_places_that_nobody_recorded_are_refused(
    ask: Callable[..., Answer], assistant: Assistant, question: str
) -> None:
    answer = ask(question)
    check_answer(assistant, answer)
    assert answer.status is Status.NOT_IN_CORPUS and DOCUMENT not in documents(answer)


@pytest.mark.parametrize(
    ("turns", "numbers"),
    [
        (("酒泉经开区修路贷款贴息找谁?",), [14]),
        (("天水经开区招商引资由谁牵头?",), [7]),
        (("我在兰州经开区办厂,人才引进由谁牵头?",), [13]),
        (("省级经开区升级为国家级要什么条件?",), [21]),
        (("兰州经开区是国家级吗?", "贷款贴息找谁?"), [14]),
        (("兰州经开区的区中园由谁牵头?",), [6]),
    ],
)
def test_matters_in_a_zone_are_answered_from_the_policy(
    ask: Callable[..., Answer], assistant: Assistant, turns: tuple[str, ...], numbers: list[int]
) -> None:
    answer = ask(*turns)
    check_answer(assistant, answer)
    assert documents(answer) == {SEED}
    assert numbers[0] in articles(answer)


@pytest.mark.parametrize(
    ("turns", "cited"),
    [
        (("全省国家级经开区有哪几家?",), {_COUNT}),
        (("甘肃有哪几家国家级经开区?",), {_COUNT}),
        (("敦煌有国家级经开区吗?",), {_COUNT}),
        (("甘肃有没有叫白银的国家级经开区?",), {_COUNT}),
    ],
)  # fmt: skip
def test_wordings_that_are_misread(
    ask: Callable[..., Answer], turns: tuple[str, ...], cited: set[str]
) -> None:
    answer = ask(*turns)
    assert documents(answer) == {DOCUMENT} and facts(answer) >= cited


def test_the_number_of_enterprises_is_not_the_number_of_zones(ask: Callable[..., Answer]) -> None:
    assert ask("国家级经开区有多少家企业?").status is Status.NOT_IN_CORPUS
