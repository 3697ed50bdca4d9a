"""What breaking an article leads to: the 款 and the item that are meant, and what is fined in a lead-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from rag_samples import check_answer

from rag.build import Assistant
from rag.penalties import rule_and_penalty, says_not_done
from rag.types import Status

_REGULATION = """云岭市共享单车管理条例

第一条　为了规范共享单车的投放、停放和使用，制定本条例。
第二条　市交通运输主管部门负责本市共享单车的监督管理工作。
第三条　经营者不得超出核定数量投放车辆。
经营者应当每季度检修一次车辆，检修记录保存两年。
经营者应当在停放点设置指示牌。
第四条　经营者收取的押金应当存入专用账户。
押金监管的具体办法，由市地方金融管理部门制定。
第五条　经营者违反本条例，有下列行为之一的，由市交通运输主管部门依照下列规定处理：
（一）违反本条例第三条第一款规定，超量投放车辆的，处一万元以上三万元以下罚款；
（二）违反本条例第三条第二款规定，不按期检修的，处二千元以上五千元以下罚款；
（三）违反本条例第三条第三款规定，未设置指示牌的，处三百元以上一千元以下罚款。
第六条　经营者有下列情形之一，责令限期改正；逾期不改的，可以处五百元以上二千元以下罚款：
（一）拒绝接入监管平台的；
（二）违反本条例第四条第一款规定未将押金存入专用账户的。
第七条　用户不得将车辆停放在盲道上。
用户不得给车辆加装私锁。
违反前款规定加装私锁的，处五十元以上二百元以下罚款。
第八条　本条例自2024年5月1日起施行。
"""


@pytest.fixture(scope="module")
def bicycles(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Assistant]:
    with with_document("bicycles", _REGULATION) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("turns", "fine", "path"),
    [
        (("共享单车停放点要不要立指示牌?", "没立的怎么罚?"), "三百元以上一千元以下", ("第五条", "(三)")),
        (("共享单车多久检修一次?", "没检修的罚多少?"), "二千元以上五千元以下", ("第五条", "(二)")),
        (
            ("共享单车的检修记录要保存几年?没按期检修的,罚多少钱?",),
            "二千元以上五千元以下",
            ("第五条", "(二)"),
        ),
        (
            ("共享单车的押金要放进什么账户?没照办、限期还不改的,罚款幅度是多少?",),
            "五百元以上二千元以下",
            ("第六条", "(二)"),
        ),
        (("共享单车能不能加装私锁?", "这种要罚多少钱?"), "五十元以上二百元以下", ("第七条",)),
    ],
)
def test_the_fine_is_that_of_the_paragraph_that_was_spoken_of(
    bicycles: Assistant, turns: tuple[str, ...], fine: str, path: tuple[str, ...]
) -> None:
    answer = bicycles.ask(turns)
    check_answer(bicycles, answer)
    assert answer.status is Status.ANSWERED
    assert fine in answer.text
    told = [tuple(label.replace("(", "(") for label in citation.path) for citation in answer.citations]
    assert path in told, told


def test_a_lead_in_is_quoted_from_its_beginning(bicycles: Assistant) -> None:
    answer = bicycles.ask(("共享单车经营者没把押金存进专用账户,罚多少?",))
    assert "经营者有下列情形之一，责令限期改正；逾期不改的，可以处五百元以上二千元以下罚款" in answer.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("没按规定留的,罚多少?", True),
        ("要是逾期还不改,罚款是多少?", True),
        ("叫我改我不改,罚我个人多少钱?", True),
        ("被查到的话还要罚多少?", True),
        ("不同的车罚多少?", False),
        ("乱停车罚多少?", False),
        ("没按规定留的怎么补?", False),
    ],
)
def test_what_is_not_done_points_to_what_was_spoken_of(text: str, expected: bool) -> None:
    assert says_not_done(text) is expected


def test_who_makes_the_detailed_rules_is_told_from_the_second_paragraph(bicycles: Assistant) -> None:
    answer = bicycles.ask(("共享单车押金监管的细则归谁来定?",))
    assert "市地方金融管理部门" in answer.text
    assert "没有写明由哪个部门负责" not in answer.text


@pytest.mark.parametrize(
    ("question", "rule", "fine"),
    [
        ("共享单车的停放点要不要立指示牌?不立会怎么样?", "设置指示牌", "三百元以上一千元以下"),
        ("共享单车要不要每季度检修?真不检修又怎么罚?", "每季度检修一次", "二千元以上五千元以下"),
    ],
)
def test_a_rule_is_told_with_what_follows_from_breaking_it(
    bicycles: Assistant, question: str, rule: str, fine: str
) -> None:
    answer = bicycles.ask([question])
    assert rule in answer.text and fine in answer.text
    check_answer(bicycles, answer)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("多久要去登记?要是一直赖着不办会有什么后果?", ("多久要去登记?", "要是一直赖着不办会有什么后果?")),
        ("能不能装打表器?装了的话罚多少?", ("能不能装打表器?", "装了的话罚多少?")),
        ("还能开车吗?真要开了被抓,本子会怎样?", ("还能开车吗?", "真要开了被抓,本子会怎样?")),
        ("备案会被卡吗,另外要罚多少?", ("备案会被卡吗,", "另外要罚多少?")),
        ("逾期不改的罚多少?", ()),
        ("登记要交什么材料?", ()),
    ],
)
def test_a_rule_and_what_follows_from_breaking_it_are_two_questions(
    text: str, parts: tuple[str, ...]
) -> None:
    assert rule_and_penalty(text) == parts


BY_WORDS = """云岭市再生水管理办法
云政发〔2024〕23号
第一条 为规范再生水利用，制定本办法。
第二条 再生水经营单位应当保持不间断供水，不得擅自停水。因检修需要停水的，应当提前二十四小时通知用户。
第三条 用户应当每年检验再生水水表。
第四条 再生水价格实行政府指导价。
第五条 违反本办法规定，再生水经营单位擅自停水的，由市水务部门责令限期改正；逾期不改正的，处二千元以上二万元以下罚款。
第六条 违反本办法规定，损毁再生水管网的，由市水务部门处五百元罚款。
第七条 本办法自2024年6月1日起施行。
云岭市人民政府
2024年4月30日
"""


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        (["云岭的再生水公司一声不吭停水，允许吗？", "那能罚他们多少？"], "二千元以上二万元以下"),
        (["云岭的再生水水表要不要每年检验？", "那不检验罚多少？"], ""),
    ],
)
def test_a_fine_that_names_no_article_is_found_by_its_words(
    with_document: Callable[[str, str], AbstractContextManager[Assistant]], turns: list[str], words: str
) -> None:
    with with_document("yunling-water-2024", BY_WORDS) as opened:
        text = opened.ask(turns).text
    assert (words in text) if words else "元" not in text


_SPORTS = """云岭市体育设施条例

第一条　为了管理体育设施，制定本条例。
第二条　任何单位和个人不得侵占、破坏公共体育设施。
第三条　经营者不得聘用无证的健身教练。
第四条　违反本条例第三条规定，聘用无证健身教练的，由市体育主管部门处二千元以上五千元以下罚款。
第五条　违反本条例第二条规定，侵占、破坏公共体育设施的，由市体育主管部门责令限期改正，依法赔偿损失。
第六条　本条例自2024年5月1日起施行。
"""


def test_a_breach_that_is_not_fined_is_not_told_another_fine(
    with_document: Callable[[str, str], AbstractContextManager[Assistant]],
) -> None:
    with with_document("sports", _SPORTS) as assistant:
        answer = assistant.ask(["云岭侵占公共体育设施的，罚款是几千到几千？"])
        assert answer.status is Status.NOT_IN_CORPUS
        assert "责令限期改正" in answer.text and "二千元" not in answer.text
        fined = assistant.ask(["云岭的健身房聘用没证的健身教练，罚多少？"])
        assert fined.status is Status.ANSWERED and "二千元以上五千元以下" in fined.text
