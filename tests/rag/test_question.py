"""What is read out of one question: clauses, parts, numbers, bodies, topic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.departments import load_directory
from ingest.settings import ROOT
from rag.forms import load_forms
from rag.glossary import Translator, load_glossary
from rag.intents import load_intents
from rag.question import QuestionReader

CORPUS = ROOT / "corpus"


def _reader() -> QuestionReader:
    return QuestionReader(
        load_forms(CORPUS / "question_forms.yaml"),
        load_directory(CORPUS / "departments.yaml"),
        Translator(load_glossary(CORPUS / "glossary.yaml")),
        load_intents(),
    )


READER = _reader()


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("第十四条谁牵头", (14,)),
        ("第14条谁牵头", (14,)),
        ("第１４条谁牵头", (14,)),
        ("第 14 条", (14,)),
        ("14条讲什么", (14,)),
        ("十四条讲什么", (14,)),
        ("（十四）讲什么", (14,)),
        ("(14)讲什么", (14,)),
        ("第(十四)条", (14,)),
        ("第（十四）条", (14,)),
        ("第十四款", (14,)),
        ("廿四条", (24,)),
        ("第廿四条", (24,)),
        ("article 14", (14,)),
        ("What does Art. 3 say", (3,)),
        ("Article No. 7", (7,)),
        ("第二十四条和第三条", (24, 3)),
        ("第十四条、第十五条", (14, 15)),
        ("第一条到第三条", (1, 2, 3)),
        ("第一至三条", (1, 2, 3)),
        ("第1-3条", (1, 2, 3)),
        ("(二)到(四)条", (2, 3, 4)),
        ("前三条讲什么", (1, 2, 3)),
        ("第一百二十条", (120,)),
        ("第三条和第三条", (3,)),
    ],
)
def test_articles_are_read_in_every_writing(question: str, numbers: tuple[int, ...]) -> None:
    assert READER.read(question).articles == numbers


@pytest.mark.parametrize(
    "question",
    ["哪几条", "这一条", "那条谁牵头", "每条都有谁", "各条的牵头单位", "一共多少条", "有哪两条", "三条线", "三条件",
     "五条龙服务", "第三款项", "倒数第二条", "下一条", "最后一条", "政策条件", "版本14.5条", "2015年1月27日"],
)  # fmt: skip
def test_counting_and_pointing_words_name_no_article(question: str) -> None:
    assert READER.read(question).articles == ()


@pytest.mark.parametrize(
    ("question", "relative"),
    [
        ("哪条讲招聘会?帮我找一下条号", None),
        ("打算上一条六百万的设备,能补几成", None),
        ("下一条呢", "next"),
        ("后面那一条", "next"),
        ("接下来那条", "next"),
        ("next article please", "next"),
        ("上一条呢", "previous"),
        ("前一条", "previous"),
        ("最后一条讲什么", "last"),
        ("最末一条", "last"),
        ("开头那一条", "first"),
        ("第十四条", None),
        ("省财政厅牵头一条", None),
    ],
)
def test_places_of_clauses(question: str, relative: str | None) -> None:
    assert READER.read(question).relative == relative


@pytest.mark.parametrize(("question", "place"), [("倒数第二条", 2), ("倒数第3条", 3), ("第二条", None)])
def test_places_from_the_end(question: str, place: int | None) -> None:
    assert READER.read(question).from_end == place


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("第四部分有哪几条", (4,)),
        ("第4部分", (4,)),
        ("第四章", (4,)),
        ("第二节", (2,)),
        ("第三大项", (3,)),
        ("part 4", (4,)),
        ("Section 2", (2,)),
        ("几个部分", ()),
        ("第四条", ()),
    ],
)
def test_parts(question: str, numbers: tuple[int, ...]) -> None:
    assert READER.read(question).sections == numbers


@pytest.mark.parametrize(
    ("question", "value", "unit"),
    [
        ("5亿美元以下", 5e8, "美元"),
        ("5000万美元", 5e7, "美元"),
        ("3亿元", 3e8, "元"),
        ("一百万元", 1e6, "元"),
        ("2千万美元", 2e7, "美元"),
        ("3.5亿美元", 3.5e8, "美元"),
        ("贴30%", 30, "%"),
        ("2016年起", 2016, "年"),
        ("十个工作日", 10, "个工作日"),
        ("两家", 2, "家"),
    ],
)
def test_figures(question: str, value: float, unit: str) -> None:
    (figure,) = READER.read(question).figures
    assert (figure.value, figure.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize("question", ["三年级", "500强", "第十四条", "一带一路"])
def test_numbers_without_a_unit_are_no_figures(question: str) -> None:
    assert READER.read(question).figures == ()


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("省财政厅牵头哪几条", ["gansu-caizheng"]),
        ("财政厅牵头哪几条", ["gansu-caizheng"]),
        ("甘肃省财政厅", ["gansu-caizheng"]),
        ("财政局", ["gansu-caizheng"]),
        ("财政部", ["central-caizheng"]),
        ("国家发展改革委", ["central-fagai"]),
        ("省发改委", ["gansu-fagai"]),
        ("兰州海关", ["gansu-lanzhou-haiguan"]),
        ("Department of Commerce", ["gansu-shangwu"]),
        ("Ministry of Finance", ["central-caizheng"]),
    ],
)
def test_a_name_means_one_body(question: str, ids: list[str]) -> None:
    (mention,) = READER.read(question).mentions
    assert [department.id for department in mention.departments] == ids


def test_a_nickname_may_mean_several_bodies() -> None:
    (mention,) = READER.read("发改委牵头哪几条").mentions
    assert {department.id for department in mention.departments} >= {"gansu-fagai", "central-fagai"}


@pytest.mark.parametrize(
    "question", ["市民政局牵头哪几条", "浙江省商务厅管什么", "临海市财政局", "深圳市商务局"]
)
def test_bodies_of_other_places_are_not_the_listed_ones(question: str) -> None:
    for mention in READER.read(question).mentions:
        assert all(department.id.startswith("unlisted:") for department in mention.departments)


@pytest.mark.parametrize(
    "question", ["海关特殊监管区怎么申报", "工商登记制度改革", "财政资金投入方式", "教育设施建设"]
)
def test_matters_are_not_bodies(question: str) -> None:
    assert READER.read(question).mentions == ()


def test_short_names_in_a_row_are_bodies() -> None:
    assert [mention.text for mention in READER.read("工商、国税、地税配合什么").mentions] == [
        "工商",
        "国税",
        "地税",
    ]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("贷款贴息由谁牵头?", "贷款贴息"),
        ("请问贷款贴息由哪个部门负责?", "贷款贴息"),
        ("省财政厅牵头哪几条", ""),
        ("第十四条谁牵头", ""),
        ("第四部分有几条?", ""),
    ],
)
def test_the_topic_is_the_question_without_its_form(question: str, topic: str) -> None:
    assert READER.read(question).topic == topic


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("闲置土地谁牵头", {"lead"}),
        ("谁牵头谁配合", {"lead", "cooperating"}),
        ("第九条的原文", {"original"}),
        ("省工信委牵头哪几条", {"which_clauses", "count_clauses"}),
        ("申请补助需要哪些材料", {"materials"}),
    ],
)
def test_what_is_asked_for(question: str, asks: set[str]) -> None:
    read = READER.read(question)
    assert asks & {ask.id for ask in read.asks}
    assert read.wants(*asks)


def test_documents_and_quoted_words_are_found() -> None:
    read = READER.read("《城乡规划法》和国办发〔2014〕54号里“多规合一”出现过吗")
    assert [(r.title, r.number) for r in read.references] == [
        ("城乡规划法", None),
        (None, "国办发〔2014〕54号"),
    ]
    assert read.quoted == ("多规合一",)


def test_a_claim_is_told_from_a_question() -> None:
    assert READER.read("贴息归商务厅管,对吧?").asserts
    assert not READER.read("贴息归谁管?").asserts


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    read = READER.read(text)
    assert read.original == text
    assert all(number >= 0 for number in read.articles)
    assert all(0 <= mention.start < mention.end <= len(read.text) for mention in read.mentions)


@given(st.integers(min_value=1, max_value=9999))
def test_every_article_number_is_read_in_digits_and_in_characters(number: int) -> None:
    from ingest.chinese_numbers import to_chinese

    assert READER.read(f"第{number}条讲什么").articles == (number,)
    assert READER.read(f"第{to_chinese(number)}条讲什么").articles == (number,)
    assert READER.read(f"第({to_chinese(number)})条讲什么").articles == (number,)
