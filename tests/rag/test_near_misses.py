"""What a clause nearly says is not told as if it said it; what it says is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from rag.build import Assistant
from rag.types import Answer, Status

TEXT = """云岭市停车场管理办法
云政发〔2024〕19号
第一条 为规范停车场管理，制定本办法。
第二条 景区停车场新增车位二千六百个，其中充电车位占比不低于60%。
第三条 停车场经营者应当每年检验地锁。
第四条 未按规定检验地锁的，由市交通运输主管部门处一千元罚款。
第五条 停车场经营者不得拒绝车主以现金缴纳停车费。
第六条 停车场应当建立二十四小时值班制度，接到被困求助电话后立即赶赴现场。
第七条 停车场服务质量考核每年开展一次，由市交通运输主管部门组织。
第八条 对新建立体停车库，按设备投资的10%给予补助。
第九条 停车场经营者应当在三十日内报送车位变更情况；监控录像保存一年。
第十条 本办法自2024年6月1日起施行。
云岭市人民政府
2024年4月30日
"""
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Ask]:
    with with_document("yunling-parking-2024", TEXT) as opened:
        yield lambda question: opened.ask([question])


@pytest.mark.parametrize(
    "question",
    [
        "云岭景区停车场的充电车位停一小时收多少钱？",
        "云岭停车场的地锁检验一次要交多少钱？",
        "云岭停车场收现金停车费，手续费按百分之几加收？",
        "云岭停车场接到被困求助电话，最迟几分钟必须到？",
        "云岭的立体停车库停一个月收多少钱？",
        "云岭停车场服务质量考核的材料最晚几月几号交？",
        # Things that the wording tells, though no form knows it word for word.
        "云岭停车场乱收费想举报，电话打多少？",
        "云岭申请立体停车库补助要上传些啥？",
        "云岭停车场报送车位变更要提前几天？",
        "云岭停车场报送车位变更，几天之内给我答复？",
        "云岭停车场服务质量考核哪天开始？",
        "云岭停车场的窗口设在哪条街，星期天开不开门？",
        # A matter with a name of its own, and talk that shares no word.
        "云岭停车场旁边开饭馆，食品经营许可证去哪个部门办，几天能下来？",
        "云岭停车场的职工公积金一个月能提取多少？",
    ],
)
def test_what_is_nearly_said_is_refused(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NOT_IN_CORPUS, answer.text
    assert "没有允许" not in answer.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("云岭景区停车场的充电车位占比最低多少？", "60%"),
        ("云岭停车场没检验地锁，罚多少钱？", "一千元"),
        ("云岭新建立体停车库能补多少钱？", "10%"),
        ("云岭停车场服务质量考核多久开展一次？", "每年"),
        ("云岭停车场的监控录像要保存几年？", "一年"),
        ("云岭停车场的车位变了，几天之内要报？", "三十日"),
        ("云岭停车场没检验地锁，罚好多钱？", "一千元"),
        ("云岭停车场服务质量考核几耐搞一次？", "每年"),
    ],
)
def test_what_is_said_is_told(ask: Ask, question: str, words: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED and words in answer.text, answer.text
