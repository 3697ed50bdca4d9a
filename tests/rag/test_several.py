"""Several questions in one message are answered one by one; one asked in several sentences stays one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from rag_samples import articles

from rag.build import Assistant
from rag.several import asked_apart, asking_parts, split_questions, story_of
from rag.types import Answer, Status

SPLIT = [
    ("第九条谁牵头?第十条呢?", ("第九条谁牵头?", "第十条呢?")),
    ("第九条谁牵头?", ("第九条谁牵头?",)),
    ("我开厂的。用地怎么办?贷款有补吗?", ("我开厂的。用地怎么办?", "贷款有补吗?")),
    ("用地怎么办?贷款有补吗?两个一起答。", ("用地怎么办?", "贷款有补吗?")),
    ("用地怎么办?贷款有补吗?谢谢!", ("用地怎么办?", "贷款有补吗?")),
    ("用地怎么办?该找谁?", ("用地怎么办?该找谁?",)),
    ("在吗?用地怎么办?贷款有补吗?", ("在吗?用地怎么办?", "贷款有补吗?")),
    ("贷款找谁?用地找谁?", ("贷款找谁?", "用地找谁?")),
    ("用地有空子,贷款也批不下来,这两件事分别找谁?", ("用地有空子，找谁?", "贷款也批不下来，找谁?")),
    ("既想要用地,又想要贷款,各归哪家管?", ("要用地，归哪家管?", "想要贷款，归哪家管?")),
    ("管用地、管贷款这两条,牵头的各是谁?", ("管用地，牵头的是谁?", "管贷款，牵头的是谁?")),
    ("管用地、管贷款这三条,牵头的各是谁?", ("管用地、管贷款这三条,牵头的各是谁?",)),
    ("用地谁牵头谁配合,分别列出", ("用地谁牵头谁配合,分别列出",)),
    ("用地不够,贷款怎么办?上面怎么说的?", ("用地不够,贷款怎么办?上面怎么说的?",)),
    ("用地谁牵头?协助的单位是哪两家?", ("用地谁牵头?协助的单位是哪两家?",)),
    ("贷款会不会被停?谁来停,谁参与", ("贷款会不会被停?谁来停,谁参与",)),
    ("贷款利息能帮着出不?哪个部门受理,还要找谁", ("贷款利息能帮着出不?哪个部门受理,还要找谁",)),
    ("用地有哪些事不许干?写告示用的用地那个", ("用地有哪些事不许干?写告示用的用地那个",)),
    ("贷款怎么申请?都要什么材料?", ("贷款怎么申请?都要什么材料?",)),
    ("单位贷款有补吗?个人贷款呢?", ("单位贷款有补吗?", "个人贷款呢?")),
    ("单位贷款有补吗?个人呢?", ("单位贷款有补吗?个人呢?",)),
    ("贷款怎么申请?要不要带贷款合同的复印件?", ("贷款怎么申请?要不要带贷款合同的复印件?",)),
    ("贷款谁牵头?顺带还有哪几家会一起审贷款?", ("贷款谁牵头?顺带还有哪几家会一起审贷款?",)),
    ("用地的线谁来划?要跟谁商量着划用地?", ("用地的线谁来划?要跟谁商量着划用地?",)),
    ("贷款的事到底谁打头?是谁打头,谁帮忙?", ("贷款的事到底谁打头?是谁打头,谁帮忙?",)),
    ("用地与贷款两项工作,分由何部门牵头?请一并告知。", ("用地，由何部门牵头?", "贷款，由何部门牵头?")),
    (
        "我的厂在园区,修路的贷款想要贴息,厂里用地又不够,这两件事分别归谁?",
        ("我的厂在园区，修路的贷款想要贴息，归谁?", "厂里用地又不够，归谁?"),
    ),
    ("既想要用地,又想要贷款,两边各自最多给多少?", ("要用地，最多给多少?", "想要贷款，最多给多少?")),
    ("贷款是谁管?请把完整的责任单位列一下,好回文", ("贷款是谁管?请把完整的责任单位列一下,好回文",)),
    ("???", ("???",)),
    ("", ("",)),
]


@pytest.mark.parametrize(("text", "questions"), SPLIT)
def test_a_message_is_split_at_questions_that_have_a_topic(text: str, questions: tuple[str, ...]) -> None:
    assert split_questions(text, lambda piece: any(w in piece for w in ("条", "用地", "贷款"))) == questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("新开一家驿站补多少,每年什么时候能申报", ("新开一家驿站补多少", "每年什么时候能申报")),
        (
            "我在夜市摆摊,桌子几点能摆,音响几点要停?",
            ("我在夜市摆摊,桌子几点能摆", "音响几点要停?"),
        ),
        (
            "培训补贴的标准和驿站的数量,文件各是怎么定的?",
            ("培训补贴的标准是怎么定的?", "驿站的数量是怎么定的?"),
        ),
        (
            "我们是外资厂,设备补贴和到账的奖各是多少,能两头都拿吗",
            ("我们是外资厂,设备补贴是多少", "我们是外资厂,到账的奖是多少", "能两头都拿吗"),
        ),
        ("跟东部打交道,项目上怎么合作、人员上怎么交流", ("跟东部打交道,项目上怎么合作", "人员上怎么交流")),
        ("审批权怎么放,放不下去的怎么追责?两边都说说。", ("审批权怎么放", "放不下去的怎么追责?")),
        ("审批由谁牵头下放,招技工又归谁?请分别说明条款。", ("审批由谁牵头下放", "招技工又归谁?")),
        ("房子怎么给,小孩读书能不能挑学校?", ("房子怎么给", "小孩读书能不能挑学校?")),
        (
            "想开养老院:拿地最低打几折,用电是按商业价还是家里的价?",
            ("想开养老院:拿地最低打几折", "用电是按商业价还是家里的价?"),
        ),
        # A story with one question, two roles in one matter, a form of words for the limb before.
        ("想建几个大棚,这归谁管?", ("想建几个大棚,这归谁管?",)),
        ("招商由哪个厅牵头,由哪些部门配合?", ("招商由哪个厅牵头,由哪些部门配合?",)),
        ("贷款贴息谁牵头,谁配合?", ("贷款贴息谁牵头,谁配合?",)),
        ("用地审批的牵头单位和配合单位各是怎么定的?", ("用地审批的牵头单位和配合单位各是怎么定的?",)),
        ("摊子几点要收,原文怎么写的?", ("摊子几点要收,原文怎么写的?",)),
        ("补多少,怎么领,在哪看,几号发,给谁", ("补多少,怎么领,在哪看,几号发,给谁",)),
        ("", ("",)),
    ],
)
def test_parts_of_a_sentence_that_ask_each_for_itself(text: str, parts: tuple[str, ...]) -> None:
    assert asked_apart(text) == parts


def test_more_than_four_are_not_taken_apart() -> None:
    text = "".join(f"第{n}条谁牵头?" for n in "一二三四五")
    assert split_questions(text, lambda _: True) == (text,)


@pytest.mark.parametrize(
    ("message", "cited"),
    [
        ("第十四条讲什么?第十五条谁牵头?", [14, 15]),
        # Short as they are, both have a matter of their own.
        ("贷款找谁?土地找谁?", [14, 19]),
        ("贷款贴息谁牵头?人才引进的绿色通道归谁管?", [14, 13]),
        ("“三证合一”写在哪一条?另外云计算归哪个厅管?两个一起说。", [5, 16]),
    ],
)
def test_each_question_has_its_answer_and_the_marks_run_through(
    ask: Callable[..., Answer], message: str, cited: list[int]
) -> None:
    answer = ask(message)
    assert answer.status is Status.ANSWERED and articles(answer) == cited
    assert answer.trace["kind"] == "several" and len(answer.trace["parts"]) == 2
    second_question = message.split("?")[1].strip()
    first, second = answer.text.split(f"**{second_question}?**")
    assert "[1]" in first and "[2]" in second and "[1]" not in second


@pytest.mark.parametrize(
    ("message", "cited"),
    [
        ("厂子排的废水想循环利用?这事哪个部门管?", [17]),
        ("贷款贴息谁牵头?谁配合?", [14]),
        ("省国土资源厅牵头的是哪一条?配合它的有哪些单位?", [19]),
    ],
)
def test_one_matter_asked_in_two_sentences_is_one_answer(
    ask: Callable[..., Answer], message: str, cited: list[int]
) -> None:
    answer = ask(message)
    assert articles(answer) == cited and answer.trace["kind"] != "several"
    assert answer.departments.lead and answer.departments.cooperating


def test_the_next_turn_is_about_the_last_question(ask: Callable[..., Answer]) -> None:
    assert articles(ask("第九条谁牵头?第十条讲什么?", "配合的呢?")) == [10]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("贷款贴息找谁?高新企业找谁?人才引进找谁?", {14, 12, 13}),
        ("请问:1.贷款贴息谁牵头;2.人才引进谁牵头", {14, 13}),
        ("1、贷款贴息谁牵头\n2、人才引进谁牵头\n3、土地指标找谁", {14, 13, 19}),
    ],
)
def test_no_question_of_several_is_lost(ask: Callable[..., Answer], message: str, expected: set[int]) -> None:
    assert {citation.article for citation in ask(message).citations} == expected


def test_what_one_of_several_does_not_find_is_said(ask: Callable[..., Answer]) -> None:
    answer = ask("贷款贴息找谁?医保报销找谁?")
    assert {citation.article for citation in answer.citations} == {14}
    assert "没有找到能回答这个问题的条文" in answer.text


@pytest.mark.parametrize("story", ["我们厂要扩建;地不够;找谁批?", "园区里盖厂;一直没人管。谁管?"])
def test_a_story_with_semicolons_is_one_question(ask: Callable[..., Answer], story: str) -> None:
    assert ask(story).trace["kind"] != "several"


def test_a_traditional_question_is_parted_as_its_simplified_one(ask: Callable[..., Answer]) -> None:
    simplified, traditional = (
        ask("申请生态工业示范园区,由哪个单位带头、哪些单位协助?"),
        ask("申請生態工業示範園區,由哪個單位帶頭、哪些單位協助?"),
    )
    assert [c.article for c in traditional.citations] == [c.article for c in simplified.citations] == [17]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "生意不好,在犹豫要不要搬。搬迁补多少钱,厂房要空多久?",
            ("生意不好,在犹豫要不要搬。搬迁补多少钱,厂房要空多久?",),
        ),
        (
            "我是小厂老板,刚买了间门面。登记费交多少,外面的电线谁出钱?",
            ("我是小厂老板,刚买了间门面。登记费交多少", "外面的电线谁出钱?"),
        ),
    ],
)
def test_a_story_that_asks_nothing_is_told_of_the_first_part(text: str, parts: tuple[str, ...]) -> None:
    assert asked_apart(text) == parts


def test_what_leads_on_to_a_further_question_points_at_nothing(ask: Callable[..., Answer]) -> None:
    answer = ask("贷款贴息找谁?还有招来的高层次人才进来的手续找谁?")
    assert {14, 13} <= {citation.article for citation in answer.citations}


def test_who_takes_part_as_well_is_asked_of_the_same_matter(ask: Callable[..., Answer]) -> None:
    answer = ask("想做中水回用,省里该先找哪个厅?还有谁一块儿参与?")
    assert [citation.article for citation in answer.citations if citation.article != 17] == []


def test_a_further_question_without_a_matter_of_its_own_is_one_with_the_first(
    ask_several: Callable[..., Answer],
) -> None:
    answer = ask_several("户外广告设施能设多久?到期了要不要重新办?")
    assert {citation.document_id for citation in answer.citations} == {"yunling-ads-2023"}


def test_each_question_stands_above_its_answer_as_it_was_typed(ask: Callable[..., Answer]) -> None:
    text = ask("贷款贴息找谁？高层次人才引进由谁牵头？").text
    assert "**贷款贴息找谁？**" in text and "**高层次人才引进由谁牵头？**" in text


def test_where_no_question_of_several_is_answered_the_whole_is_a_refusal(ask: Callable[..., Answer]) -> None:
    answer = ask("贷款贴息的比例是百分之几?高新技术企业的所得税税率是多少?")
    assert answer.text.count("没有写明") == 2
    assert answer.status is Status.NOT_IN_CORPUS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "资料交全了,最慢几天能批下来?对注册资金有没有卡?",
            ("资料交全了,最慢几天能批下来", "资料交全了,对注册资金有没有卡"),
        ),
        ("搬迁最多能拿多少?最晚什么时候签协议?谁来管?", ("搬迁最多能拿多少", "最晚什么时候签协议")),
        ("贷款谁牵头,谁配合?", ()),
        ("厂子搬了,好吗?", ()),
        ("用地怎么办?", ("用地怎么办",)),
    ],
)
def test_parts_that_each_ask_for_something(text: str, parts: tuple[str, ...]) -> None:
    assert asking_parts(text) == parts


@pytest.mark.parametrize(
    ("first", "story"),
    [
        ("我们打算开地区总部,落户给多少?", "我们打算开地区总部,"),
        ("在县里办托儿所:每收一个娃每月贴多少?", "在县里办托儿所:"),
        ("高新区年度排名,排得靠前能拿多少地", "高新区年度排名,"),
        ("落户给多少?", ""),
        ("怎么申请,给多少?", ""),
    ],
)
def test_what_is_told_before_the_first_question_holds_for_the_others(first: str, story: str) -> None:
    assert story_of(first) == story


HEAD_OFFICES = """云岭市人民政府关于招商的若干措施
云政发〔2024〕25号
为做好招商工作，制定以下措施。
（一）奖励落户。对新迁入的总部企业，奖励一百万元。（市商务局牵头）
（二）补助总部用房。总部企业租用办公用房的，按租金的30%补贴。（市住建局牵头）
（三）补助厂房。工厂租用标准厂房的房租，按租金的20%补贴。（市工信局牵头）
（四）培训员工。每年培训员工一千人次。（市人社局牵头）
（五）通行便利。发放货车通行证。（市公安局牵头）
（六）加强服务。为企业配备服务专员。（市商务局牵头）
云岭市人民政府
2024年4月30日
"""


def test_a_further_question_is_asked_with_the_story_before_the_first(
    with_document: Callable[[str, str], AbstractContextManager[Assistant]],
) -> None:
    with with_document("yunling-head-offices-2024", HEAD_OFFICES) as opened:
        answer = opened.ask(["我们打算把总部企业搬到云岭,落户奖多少?房租又贴多少?"])
    assert [citation.path[-1] for citation in answer.citations] == ["(一)", "(二)"], answer.text
