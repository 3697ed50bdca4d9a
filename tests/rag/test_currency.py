"""What has changed since a clause was written: asked for, noted beside quotes, and as of a day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from rag_samples import SEED, articles, check_answer, documents

from ingest.currency import CURRENCY, load_currency
from ingest.settings import ROOT, Settings
from rag.build import Assistant, open_assistant
from rag.types import Answer, Status

# One worker opens the assistants of all days.
pytestmark = pytest.mark.xdist_group("days")

CHANGES = load_currency(ROOT / "corpus" / CURRENCY).changes
TODAY = date(2026, 11, 26)
_NOTE = re.compile(r"^时效提示（(?P<about>[^）]+)）：", re.M)

OpenOn = Callable[[date], Assistant]


@pytest.fixture(scope="module")
def on(policy_data: Path, make_settings: Callable[..., Settings]) -> Iterator[OpenOn]:
    """on(day): the assistant to whom that day is today."""
    opened: dict[date, Assistant] = {}

    def open_on(day: date) -> Assistant:
        if day not in opened:
            opened[day] = open_assistant(make_settings(policy_data, as_of=day))
        return opened[day]

    yield open_on
    for assistant in opened.values():
        assistant.close()


@pytest.fixture
def today(on: OpenOn) -> Assistant:
    """The assistant on a fixed day, so that no test changes with the calendar."""
    return on(TODAY)


def noted(answer: Answer) -> list[str]:
    """What the notes below an answer's quotes are about."""
    return _NOTE.findall(answer.text)


ASKED = [
    ("第五条的3亿美元审批权限现在还适用吗？", [5], {"mofcom-order-2016-3", "foreign-investment-law-2019"}, ["外商投资法", "信息报告"]),
    ("三证合一后来成了没有?", [5], {"guobanfa-2015-50", "guobanfa-2017-41"}, ["五证合一", "统一社会信用代码"]),
    ("第五条的工商、质监现在还有吗?", [5], {"gansu-reform-2018"}, ["市场监督管理部门", "2018年"]),
    ("第九条的出入境检验检疫现在还归检验检疫局吗?", [9], set(), ["划入海关", "中华人民共和国兰州海关"]),
    ("考核办法后来又出过新的吗?", [3, 21], {"mofcom-evaluation-2021", "shangzihan-2016-192"}, ["2021年版", "未核对"]),
    ("第二十一条的退出办法后来有没有变?", [21], {"mofcom-evaluation-2021", "gansu-zones"}, ["最后5名", "酒泉"]),
    ("中央财政贴息的办法现在还在执行吗?", [14], {"caijian-2012-94", "caijian-2014-81"}, ["财建〔2012〕94号", "未核对"]),
    ("第十四条的贴息现在还管用吗?", [14], {"caijian-2012-94", "caijian-2014-81"}, ["财建〔2012〕94号", "未核对"]),
    ("企业挂牌新三板,后来有什么变化?", [15], set(), ["北京证券交易所", "未核对"]),
    ("多规合一试点后来怎么样了?", [18], {"fagaiguihua-2014-1971"}, ["国土空间规划", "自然资源部门", "未核对"]),
    ("第十八条过时了吗?", [18], {"fagaiguihua-2014-1971", "urban-rural-planning-law"}, ["国土空间规划"]),
    ("第十九条的投资强度控制指标后来有没有变?", [19], {"guotuzifa-2008-24"}, ["自然资发〔2023〕72号", "未核对"]),
]  # fmt: skip


@pytest.mark.parametrize(("question", "numbers", "others", "words"), ASKED)
def test_what_became_of_a_clause(
    today: Assistant, question: str, numbers: list[int], others: set[str], words: list[str]
) -> None:
    answer = today.ask([question])
    check_answer(today, answer)
    assert answer.status is Status.ANSWERED
    assert [n for n in articles(answer) if n is not None] == numbers
    assert documents(answer) >= others | {SEED}
    assert [word for word in words if word not in answer.text] == []
    # The clause as written comes after what has changed, and the change is not told twice.
    assert "当时是这样写的：" in answer.text and noted(answer) == []


@pytest.mark.parametrize(
    "turns",
    [
        ("贷款贴息由谁牵头?", "这个现在还管用吗?"),
        ("第十四条讲什么?", "这一条现在还执行吗?"),
    ],
)  # fmt: skip
def test_what_was_just_talked_about(today: Assistant, turns: tuple[str, ...]) -> None:
    answer = today.ask(turns)
    assert [n for n in articles(answer) if n is not None] == [14]
    assert "财建〔2012〕94号" in answer.text


@pytest.mark.parametrize("number", [7, 17, 20])
def test_an_article_of_which_no_change_is_known_is_not_called_unchanged(
    today: Assistant, number: int
) -> None:
    answer = today.ask([f"第{number}条过时了吗?"])
    check_answer(today, answer)
    assert articles(answer) == [number]
    assert noted(answer) == []
    assert "没有记录到" in answer.text and "不等于没有变化" in answer.text


# Validity of documents

VALIDITY = [
    ("国办发〔2014〕54号还有效吗?", "guobanfa-2014-54", "未见明文废止"),
    ("商资发〔2010〕209号现在还管用吗?", "shangzifa-2010-209", "不再适用"),
    ("209号文眼下还管用不?", "shangzifa-2010-209", "不再适用"),
    ("外商投资法现在还有效吗?", "foreign-investment-law-2019", "现行"),
    ("商资函〔2016〕192号现在还执行吗?", "shangzihan-2016-192", "已被2021年版替代"),
    ("城乡规划法现在还有效吗?", "urban-rural-planning-law", "国土空间规划"),
    ("国发〔2019〕3号现在还有效吗?", "guofa-2019-3", "没有查到记录（未核对）"),
    ("国发〔2018〕19号废止了吗?", "guofa-2018-19", "没有查到记录（未核对）"),
    ("国办发〔2017〕41号还有效吗?", "guobanfa-2017-41", "没有查到记录（未核对）"),
]


@pytest.mark.parametrize(("question", "document_id", "words"), VALIDITY)
def test_whether_a_document_is_in_force(
    today: Assistant, question: str, document_id: str, words: str
) -> None:
    answer = today.ask([question])
    check_answer(today, answer)
    assert answer.status is Status.ANSWERED
    assert documents(answer) == {document_id}
    assert words in answer.text
    (stored,) = (stored for stored in today.documents() if stored.document.id == document_id)
    assert (not stored.document.metadata.validity) is ("没有查到记录" in answer.text)


@pytest.mark.parametrize("question", ["这份意见现在还有效吗?", "这份文件作废了没有?"])
def test_whether_the_policy_is_in_force_is_not_known(today: Assistant, question: str) -> None:
    answer = today.ask([question])
    check_answer(today, answer)
    assert answer.status is Status.NOT_IN_CORPUS
    assert documents(answer) == {"gansu-opinion-2020", "guofa-2019-11"}
    assert "未核对" in answer.text and "向发文机关核实" in answer.text


# The notes beside quotes


def quoted(answer: Answer) -> dict[str, str]:
    """The words shown in quotes by clause of the policy: lists show only labels."""
    shown = "\n".join(line for line in answer.text.splitlines() if line.startswith("> "))
    found: dict[str, str] = {}
    for citation in answer.citations:
        if citation.document_id == SEED and re.sub(r"[\\\s]", "", citation.quote) in re.sub(
            r"[\\\s]|> ", "", shown
        ):
            found[citation.label] = found.get(citation.label, "") + citation.quote
    return found


QUOTING = [
    *(f"第{number}条的原文" for number in range(1, 25)),
    "贷款贴息由谁牵头?", "招商引资由谁牵头?", "海关特殊监管区由谁牵头?", "知识产权由谁牵头?", "新三板挂牌谁牵头?",
    "境外生产基地谁牵头?", "3亿美元以下外资谁审批?", "三证合一由谁牵头?", "快速通道谁牵头?", "多规合一谁牵头?",
    "控制性详细规划谁负责?", "主体功能区规划谁修订?", "闲置土地怎么处置?", "容积率谁管?", "分类指导由谁牵头?",
    "省级经开区升级谁牵头?", "区中园是什么意思?", "投贷保怎么融资?", "人才绿色通道怎么规定的?", "飞地经济谁牵头?",
]  # fmt: skip


@pytest.mark.parametrize("question", QUOTING)
def test_a_note_stands_where_the_quoted_words_have_changed_and_nowhere_else(
    today: Assistant, question: str
) -> None:
    answer = today.ask([question])
    assert answer.status is Status.ANSWERED and answer.trace["kind"] != "currency"
    expected = [
        change.about
        for label, words in quoted(answer).items()
        for change in CHANGES
        if (change.document, change.clause) == (SEED, label) and change.concerns(words)
    ]
    # One matter that changed more than once is told in one note.
    assert quoted(answer) and noted(answer) == list(dict.fromkeys(expected))


@pytest.mark.parametrize("question", ["省国土资源厅牵头哪几条？", "各部门分别牵头几条?", "第六部分有哪几条?"])
def test_a_list_without_quotes_has_no_note(today: Assistant, question: str) -> None:
    assert noted(today.ask([question])) == []


def test_what_is_unchecked_says_so(today: Assistant) -> None:
    sure = today.ask(["第九条的原文"]).text
    unsure = today.ask(["新三板挂牌谁牵头?"]).text
    assert re.search(r"时效提示（出入境检验检疫）：[^\n]*", sure)[0].count("未核对") == 0  # type: ignore[index]
    assert "未核对" in re.search(r"时效提示（新三板）：[^\n]*", unsure)[0]  # type: ignore[index]


def test_a_refusal_has_no_note(today: Assistant) -> None:
    for question in ("天气怎么样", "第三十条", "贷款贴息的比例是多少?", "贷款贴息最多补多少钱?"):
        answer = today.ask([question])
        assert answer.status.refused and noted(answer) == []


def test_percentage_points_that_nobody_states_are_refused(today: Assistant) -> None:
    assert today.ask(["贴息几个百分点?"]).status is Status.NOT_IN_CORPUS


# As of a day

_RENAMED = re.compile(r"自 \d{4} 年起为|现名：|现为")
EARLY = [f"第{number}条的原文" for number in range(1, 25)]


def early_rows(xfail: set[int], reason: str) -> list[object]:
    """All articles, some of which are known to go wrong."""
    marks = pytest.mark.xfail(strict=True, reason=reason)
    return [
        pytest.param(question, marks=marks) if number in xfail else question
        for number, question in enumerate(EARLY, start=1)
    ]


@pytest.mark.parametrize(
    "question", early_rows({14}, 'since: "2015" counts from the first of January, before the policy itself')
)
def test_when_the_policy_was_new_nothing_had_changed(on: OpenOn, question: str) -> None:
    answer = on(date(2015, 6, 1)).ask([question])
    check_answer(on(date(2015, 6, 1)), answer)
    assert noted(answer) == []
    assert not _RENAMED.search(answer.text) and answer.departments.current == {}


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("第三条的原文", ["考核办法"]),
        ("第五条的原文", ["外商投资审批权限", "三证合一"]),
        ("第九条的原文", []),
        ("第十四条的原文", ["中央财政贴息办法"]),
        ("第十五条的原文", []),
        ("第十八条的原文", []),
        ("第十九条的原文", []),
        ("第二十一条的原文", []),
    ],
)
def test_two_years_later_only_the_first_changes_had_come(on: OpenOn, question: str, about: list[str]) -> None:
    answer = on(date(2016, 12, 31)).ask([question])
    assert noted(answer) == about
    assert not _RENAMED.search(answer.text) and answer.departments.current == {}


@pytest.mark.parametrize(
    ("day", "renamed"), [(date(2017, 12, 31), False), (date(2018, 1, 1), True), (TODAY, True)]
)
def test_present_names_are_those_of_the_day(on: OpenOn, day: date, renamed: bool) -> None:
    answer = on(day).ask(["土地集约利用由谁牵头?"])
    assert answer.departments.lead == ("省国土资源厅",)
    assert (answer.departments.current == {"省国土资源厅": "甘肃省自然资源厅"}) is renamed
    assert ("省国土资源厅自 2018 年起为甘肃省自然资源厅" in answer.text) is renamed


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(
            "国办发〔2014〕54号还有效吗?",
            marks=pytest.mark.xfail(
                strict=True, reason="what is known of its validity does not mind the day"
            ),
        ),
        "国办发〔2014〕54号第九条怎么写?",
    ],
)
def test_what_came_later_is_not_told_of_a_document(on: OpenOn, question: str) -> None:
    assert "2019" not in on(date(2015, 6, 1)).ask([question]).text


def test_what_came_later_is_not_told_of_a_change(on: OpenOn) -> None:
    assert "2020年" not in on(date(2016, 12, 31)).ask(["第五条的原文"]).text


def test_documents_of_later_years_are_not_quoted(on: OpenOn) -> None:
    answer = on(date(2016, 12, 31)).ask(["第三条的考核办法后来有没有变化?"])
    assert "mofcom-evaluation-2021" not in documents(answer)


def test_without_a_day_today_counts(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    assert make_settings(tmp_path).today == date.today()
    assert make_settings(tmp_path, as_of=date(2015, 6, 1)).today == date(2015, 6, 1)
