"""Who imposes the penalties of a regulation, where an article of its own says so for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from rag.build import Assistant
from rag.enforcers import speaks_of
from rag.types import Answer, Status

Ask = Callable[[str], Answer]

_REGULATION = """临川市公园条例

第一条　为了加强公园管理，制定本条例。

第二条　本市公园的规划、建设和管理适用本条例。

第三条　游人不得攀折花木，不得翻越围栏。

第四条　任何单位和个人不得侵占公园用地。

第五条　违反本条例第三条规定，攀折花木的，责令改正，并处五十元罚款。

第六条　违反本条例第四条规定，有下列行为的，按照下列规定处罚：

（一）侵占公园用地的，责令退还，并按照侵占面积每平方米处三百元罚款；

（二）毁坏公园绿地的，责令恢复，并处一千元罚款。

第七条　本条例第五条、第六条第（一）项规定的行政处罚，由市园林主管部门实施；第六条第（二）项规定的行政处罚，由市规划主管部门会同市园林主管部门实施。

第八条　本条例自2024年5月1日起施行。
"""


@pytest.mark.parametrize(
    ("sentence", "article", "item", "speaks"),
    [
        ("本条例规定的行政处罚，由市园林部门实施。", 50, None, True),
        ("本条例第四十八条至第五十二条规定的行政处罚，由区水务部门实施；", 50, None, True),
        ("本条例第四十八条至第五十二条规定的行政处罚，由区水务部门实施；", 53, None, False),
        ("本条例第五十一条第（一）项、第五十二条规定的行政处罚，由市园林部门实施；", 51, 1, True),
        ("本条例第五十一条第（一）项、第五十二条规定的行政处罚，由市园林部门实施；", 51, 2, False),
        ("本条例第五十一条第（一）项、第五十二条规定的行政处罚，由市园林部门实施；", 51, None, True),
    ],
)
def test_which_articles_a_sentence_on_penalties_is_about(
    sentence: str, article: int, item: int | None, speaks: bool
) -> None:
    assert speaks_of(sentence, article, item) is speaks


@pytest.fixture(scope="module")
def ask(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Ask]:
    with with_document("linchuan-parks-2024", _REGULATION) as opened:
        yield lambda question: opened.ask([question])


@pytest.mark.parametrize(
    ("question", "told", "left_out"),
    [
        ("临川公园里攀折花木，由哪个部门处罚？", "市园林主管部门", "市规划主管部门"),
        ("临川公园里毁坏公园绿地的，由谁来罚？", "市规划主管部门", "第五条、第六条第（一）项"),
    ],
)
def test_who_fines_is_told_by_the_article_that_says_it_for_all(
    ask: Ask, question: str, told: str, left_out: str
) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED
    assert told in answer.text
    assert left_out not in answer.text
    assert 7 in {citation.article for citation in answer.citations}
