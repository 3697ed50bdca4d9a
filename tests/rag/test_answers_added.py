"""Questions to a policy that a user added: what it leaves out is said, what it defines is found, and figures have units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from rag_samples import check_answer

from rag.build import Assistant
from rag.types import Answer, Status

STABLES = "tongshan-2024-6"
_POLICY = """桐山县人民政府关于扶持马术旅游发展的若干措施

桐政发〔2024〕6号

各乡镇人民政府,县政府各部门:

  为发展马术旅游,制定以下措施。

  一、总体要求

  （一）明确扶持对象。本措施所称马术营地，是指占地五十亩以上、存栏马匹二十匹以上并对游客开放的经营场所。

  二、扶持政策

  （二）补贴马舍建设。新建马舍按每平方米300元给予补贴，单个营地最高60万元，自验收合格之日起二十个工作日内拨付。（牵头单位：县农业农村局；配合单位：县财政局）

  （三）规范马匹检疫。营地应当每半年组织一次马匹检疫，结果向社会公开。

  （四）培训驯马师。驯马师培训不少于120学时，培训费由县财政承担一半。（牵头单位：县人力资源社会保障局；配合单位：县文化和旅游局）

  （五）建设骑行步道。三年内建成骑行步道80公里，步道沿线设置饮水点。（牵头单位：县交通运输局；配合单位：县自然资源局）

  （六）办好赛事。每年举办县级马术赛事两次，获奖选手的奖金由承办单位发放。（牵头单位：县文化和旅游局；配合单位：县公安局）

  本措施自2024年7月1日起施行，有效期至2027年6月30日。

  桐山县人民政府

  2024年5月20日
"""


@pytest.fixture(scope="module")
def stables(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Assistant]:
    with with_document(STABLES, _POLICY) as opened:
        yield opened


def cited(answer: Answer) -> set[int | None]:
    return {c.article for c in answer.citations if c.document_id == STABLES}


def test_a_policy_that_names_nobody_for_a_matter_is_said_to(stables: Assistant) -> None:
    answer = stables.ask(["桐山给营地的马做检疫,归哪个局牵头?"])
    assert answer.status is Status.NOT_IN_CORPUS and answer.departments.lead == ()
    assert "文件没有写这件事由哪个部门负责" in answer.text and "每半年组织一次马匹检疫" in answer.text
    told = stables.ask(["桐山补贴盖马舍,归哪个局牵头?"])
    assert told.status is Status.ANSWERED and told.departments.lead == ("县农业农村局",)


@pytest.mark.parametrize(
    "question",
    [
        "写材料要用,桐山说的“马术营地”到底怎么界定,原话给我",
        "桐山马术措施里“马术营地”四个字的定义是什么",
        "桐山的马术营地是怎么下定义的?",
    ],
)
def test_a_definition_is_found_in_a_long_question(stables: Assistant, question: str) -> None:
    answer = stables.ask([question])
    assert cited(answer) == {1} and "占地五十亩以上" in answer.text
    check_answer(stables, answer)


@pytest.mark.parametrize(
    "question",
    [
        "桐山马舍补贴批下来,这个资格几年有效?",
        "桐山的马舍补贴,最迟几分钟必须到账?",
        "桐山赛事的获奖名单,最晚几月几号要报上去?",
    ],
)
def test_a_figure_of_another_unit_is_no_answer(stables: Assistant, question: str) -> None:
    answer = stables.ask([question])
    assert answer.status is Status.NOT_IN_CORPUS, answer.text


def test_from_when_on_the_policy_applies_is_told_where_it_is_asked(stables: Assistant) -> None:
    answer = stables.ask(["桐山扶持马术的措施从哪天起施行?"])
    assert answer.status is Status.ANSWERED and "2024年7月1日" in answer.text


def test_asked_in_which_article_the_closest_is_among_those_shown(stables: Assistant) -> None:
    answer = stables.ask(["桐山教人驯马要学够多少个钟头,这话写在第几条?"])
    assert 4 in cited(answer) and len(cited(answer)) <= 2


def test_a_place_spelt_in_english_names_its_document(stables: Assistant) -> None:
    answer = stables.ask(["In Tongshan County, who leads the training of horse trainers?"])
    assert {c.document_id for c in answer.citations} <= {STABLES}
