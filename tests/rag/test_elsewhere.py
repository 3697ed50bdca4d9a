"""A question about another place is none for these documents."""

from __future__ import annotations

import pytest
from rag_samples import context_for

from rag.build import Assistant
from rag.elsewhere import _ASKED_CITY, _NEXT_DOOR
from rag.evidence import search
from rag.sufficiency import insufficient


@pytest.mark.parametrize(
    ("question", "elsewhere"),
    [
        ("浙江省的经开区贷款贴息找谁", True),
        ("陕西那边的开发区贷款贴息怎么规定", True),
        ("Who leads loan interest subsidies in zones of Zhejiang?", True),
        # Who comes from there asks about here.
        ("我是江苏一个园区的,想到你们开发区投资,贷款贴息怎么规定", False),
        ("兰州的经开区贷款贴息怎么规定", False),
        ("单位想送我去江苏的园区干一段时间学学,谁牵头", False),
        ("We run a park in Zhejiang. What platform will Gansu set up for zones?", False),
    ],
)
def test_a_zone_elsewhere_is_none_of_ours(assistant: Assistant, question: str, elsewhere: bool) -> None:
    with context_for(assistant, question) as context:
        ending = insufficient(context, search(context))
        words = "elsewhere" if context.language == "en" else "外地"
        assert (ending is not None and words in ending.opening) is elsewhere


@pytest.mark.parametrize(
    ("question", "city"),
    [
        ("岚港市的收运企业要几台车?", "岚港市"),
        ("请问岚港市有补贴吗?", "岚港市"),
        ("想问一下,岚港市怎么办理?", "岚港市"),
        ("在岚港市怎么办理?", "岚港市"),
        ("去市里办要几天?", ""),
        ("我们在全市有三家店", ""),
        ("市场监管局管吗?", ""),
        ("是去市城管局备案对吗?", ""),
    ],
)
def test_a_city_is_read_where_its_name_is_whole(question: str, city: str) -> None:
    found = _ASKED_CITY.search(question)
    assert (found.group("city") if found else "") == city


@pytest.mark.parametrize(
    ("question", "elsewhere"),
    [
        ("隔壁市建冷库一立方米补多少钱?想去那边建", True),
        ("听说邻近的县开店不要证?", True),
        ("我是隔壁市的企业,能申请吗?", False),
        ("我们和隔壁市的企业合作", False),
        ("店在隔壁市场里", False),
    ],
)
def test_next_door_is_elsewhere_but_who_comes_from_there_is_not(question: str, elsewhere: bool) -> None:
    assert bool(_NEXT_DOOR.search(question)) is elsewhere
