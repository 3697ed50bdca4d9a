"""Articles, their 款 and 项, and parts: what a civil servant names by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import shipped_index
from rag_samples import check_answer

from ingest.library import Library
from ingest.settings import Settings
from rag.build import Assistant, open_assistant
from rag.types import Answer, Status

BICYCLES = """云岭市电动自行车管理办法

云政发〔2023〕9号

各县区人民政府:

  第一章 总则

  第一条 为加强电动自行车管理,制定本办法。

  第二条 本办法所称电动自行车,是指以车载蓄电池作为辅助能源,具有脚踏骑行能力的两轮车。
  本市行政区域内电动自行车的停放、充电适用本办法。

  第二章 登记

  第三条 申请登记应当提交下列材料:
  (一)申请表;
  (二)购车发票;
  (三)所有人身份证明。
  公安机关交通管理部门应当自受理之日起3日内发放号牌。

  第四条 有下列情形之一的,由市公安局责令改正,处50元罚款:
  (一)无号牌上路的;
  (二)加装遮阳伞的。

  第五条 本办法自2023年10月1日起施行。

  云岭市人民政府

  2023年8月1日
"""
NAME = "云岭市电动自行车管理办法"


@pytest.fixture(scope="module")
def bicycles(
    make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Assistant]:
    """The policy and one regulation with items and 款."""
    folder = tmp_path_factory.mktemp("bicycles")
    (folder / "bicycles.txt").write_text(BICYCLES, encoding="utf-8")
    settings = make_settings(shipped_index.copy_to(folder / "data"))
    library = Library(settings)
    library.add([folder / "bicycles.txt"])
    library.close()
    with open_assistant(settings) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("第三条第二款", ["公安机关交通管理部门应当自受理之日起3日内发放号牌。"]),
        ("第二条的第2款怎么写", ["本市行政区域内电动自行车的停放、充电适用本办法。"]),
        ("第三条第(二)项", ["第三条 申请登记应当提交下列材料:", "(二)购车发票;"]),
        (
            "第四条第一款第一项",
            ["第四条 有下列情形之一的,由市公安局责令改正,处50元罚款:", "(一)无号牌上路的;"],
        ),
    ],
)
def test_a_limb_is_quoted_alone(bicycles: Assistant, question: str, quotes: list[str]) -> None:
    answer = bicycles.ask([f"{NAME}{question}"])
    check_answer(bicycles, answer)
    assert [citation.quote for citation in answer.citations] == quotes


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (f"{NAME}第三条第三款", "第三条只有 2 款，没有第三款"),
        (f"{NAME}第四条第三项", "第四条只有 2 项，没有第三项"),
        ("实施意见第三条第二款", "(三)只有 1 款，没有第二款"),
        (f"{NAME}第三十条", "从第一条到第五条，共 5 条"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(bicycles: Assistant, question: str, words: str) -> None:
    answer = bicycles.ask([question])
    assert answer.status is Status.NO_SUCH_ARTICLE and words in answer.text


def test_an_article_is_quoted_with_all_its_items(bicycles: Assistant) -> None:
    quoted = "".join(citation.quote for citation in bicycles.ask([f"{NAME}第三条原文"]).citations)
    assert all(words in quoted for words in ("下列材料", "申请表", "购车发票", "身份证明"))


@pytest.mark.parametrize(
    ("turns", "articles"),
    [
        (["第四部分第三条"], [12]),
        (["第四部分第十二条"], [12]),
        (["第四部分最后一条"], [16]),
        (["第十四条前后两条都给我看看"], [13, 14, 15]),
        (["第十四条", "前一条和后一条"], [13, 14, 15]),
        ([f"{NAME}第三条", "下一条"], [4, 4, 4]),
        ([f"{NAME}最后一条"], [5]),
        ([f"{NAME}一共几条"], [1, 2, 3, 4, 5]),
    ],
)
def test_articles_are_counted_and_not_their_items(
    bicycles: Assistant, turns: list[str], articles: list[int]
) -> None:
    answer = bicycles.ask(turns)
    check_answer(bicycles, answer)
    assert [citation.article for citation in answer.citations] == articles


def test_a_part_that_has_fewer_articles_lists_them(bicycles: Assistant) -> None:
    answer = bicycles.ask(["第四部分第九条"])
    assert "共 7 条，没有第九条" in answer.text
    assert [citation.article for citation in answer.citations] == [10, 11, 12, 13, 14, 15, 16]


def test_before_the_first_article_there_is_none(bicycles: Assistant) -> None:
    assert "前面没有别的条" in bicycles.ask(["第一条", "上一条呢"]).text


@pytest.mark.parametrize(
    "question",
    [
        "国办发〔2099〕99号第三条写了什么",
        "国办发99号第三条",
        "外商投资法第三条是什么",
        "民法典第十四条",
        "《外商投资法》第十四条谁负责",
    ],
)
def test_an_article_of_a_document_that_is_not_held_is_not_answered_from_another(
    bicycles: Assistant, question: str
) -> None:
    answer = bicycles.ask([question])
    assert answer.status is Status.NOT_IN_CORPUS and (
        "没有收录" in answer.text or "只收录了提要" in answer.text
    )


@pytest.mark.parametrize(
    "question", ["国办发〔2014〕54号第三条写了什么", "国办发54号第三条", "54号文(三)怎么说"]
)
def test_an_article_of_a_digest_says_that_it_is_none_of_the_original(
    bicycles: Assistant, question: str
) -> None:
    answer = bicycles.ask([question])
    assert [(c.document_id, c.article, c.kind) for c in answer.citations] == [
        ("guobanfa-2014-54", 3, "digest")
    ]
    assert "提要，非原文" in answer.text


@pytest.mark.parametrize("question", ["实施意见第三条谁牵头", "有什么办法第十四条能用上", "是否合法第十四条"])
def test_an_article_of_a_held_document_is(bicycles: Assistant, question: str) -> None:
    assert bicycles.ask([question]).status is Status.ANSWERED


@pytest.mark.parametrize(
    ("question", "status", "words"),
    [
        ("什么是电动自行车", Status.ANSWERED, "是这样界定“电动自行车”的"),
        ("飞地经济是什么意思?", Status.ANSWERED, "没有给“飞地经济”下定义"),
        ("国家级经开区是什么意思", Status.NOT_IN_CORPUS, "没有给“国家级经开区”下定义"),
    ],
)
def test_meanings_are_quoted_where_the_text_has_them(
    bicycles: Assistant, question: str, status: Status, words: str
) -> None:
    answer = bicycles.ask([question])
    check_answer(bicycles, answer)
    assert answer.status is status and words in answer.text


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("电动自行车那份办法里,登记要交什么材料", 3),
        ("按云岭市的管理办法,登记要交什么材料", 3),
        (f"《{NAME}》说登记要交什么材料", 3),
        ("云政发9号里登记要交哪些材料", 3),
    ],
)
def test_a_document_named_is_no_part_of_the_topic(bicycles: Assistant, question: str, article: int) -> None:
    answer = bicycles.ask([question])
    assert {(c.document_id, c.article) for c in answer.citations} == {("bicycles", article)}


def test_sections_alone_name_no_article(bicycles: Assistant) -> None:
    answer = bicycles.ask(["第四部分有哪几条"])
    assert [citation.article for citation in answer.citations] == [10, 11, 12, 13, 14, 15, 16]


def test_paths_lead_to_their_article() -> None:
    from ingest.stores.catalogue import StoredClause
    from ingest.types import Clause
    from rag.articles import article_label

    def clause(path: tuple[str, ...], article: int) -> StoredClause:
        held = Clause(
            path=path, article=article, label=path[-1], heading="", section="", text="x", start=0, end=1
        )
        return StoredClause(document_id="d", position=0, clause=held)

    assert article_label(clause(("一", "(一)"), 1)) == "(一)"
    assert article_label(clause(("第一章", "第一条", "(一)"), 1)) == "第一条"
    assert article_label(clause(("第三条", "(三)"), 3)) == "第三条"
    assert article_label(clause(("四", "(十四)", "1"), 14)) == "(十四)"
    assert article_label(clause(("5",), 5)) == "5"


@pytest.mark.parametrize("question", ["提交登记材料后几天内发号牌?", "申请登记多久发放号牌"])
def test_a_time_limit_below_the_items_is_found(bicycles: Assistant, question: str) -> None:
    answer = bicycles.ask([question])
    assert answer.status is Status.ANSWERED
    assert "第三条(三)" in answer.text
    assert any("自受理之日起3日内" in citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("《国务院关于加快发展养老服务业的若干意见》里对用地定了什么?", False),
        ("《甘肃省矿产资源管理条例》怎么规定采矿权?", False),
        ("《城乡规划法》里修改规划怎么规定?", True),
        # Its title in the policy has a few words more.
        ("《国家级经济技术开发区基础设施项目贷款中央财政贴息资金管理办法》怎么说?", True),
        ("依据《高新技术企业认定管理办法》由谁认定?", True),
    ],
)
def test_a_title_that_is_not_held_is_not_answered_from_another(
    ask: Callable[..., Answer], question: str, held: bool
) -> None:
    answer = ask(question)
    assert (answer.status is Status.ANSWERED) is held
    assert ("没有收录" in answer.text) is not held


def test_the_policys_number_beside_another_documents_name_is_the_policys(ask: Callable[..., Answer]) -> None:
    answer = ask("第(十八)条要结合主体功能区规划,国发〔2010〕46号是讲什么的?")
    assert {citation.document_id for citation in answer.citations} == {"guofa-2010-46"}


def test_a_short_digest_is_shown_whole_where_no_point_of_it_is_close(ask: Callable[..., Answer]) -> None:
    answer = ask("国发〔2020〕7号我们厂用得上吗?")
    assert answer.status is Status.ANSWERED
    assert "只收录了提要。它的要点全在下面" in answer.text and "高新区" in answer.text
    assert {citation.document_id for citation in answer.citations} == {"guofa-2020-7"}
