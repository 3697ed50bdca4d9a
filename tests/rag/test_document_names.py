"""Which documents a question names: the policy whenever it is named, those around it where they are asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rag_samples import ADVERTISING, MEASURES, SEED, check_answer, documents

from ingest.library import Library
from ingest.settings import Settings
from rag.build import Assistant, open_assistant
from rag.document_names import Named, _spelt_in, documents_named
from rag.types import Answer


@contextmanager
def named_in(assistant: Assistant, question: str) -> Iterator[Named]:
    """What a question names by itself."""
    with assistant._index.snapshot() as snapshot:
        yield documents_named(assistant._pipeline.known(snapshot).reader.read(question), snapshot)


# Question → the one document it names; None where it names none.
NAMED = [
    # By number, with and without the year.
    ("国办发〔2014〕54号第九条怎么写?", "guobanfa-2014-54"),
    ("国办发54号第九条怎么写?", "guobanfa-2014-54"),
    ("国办54号文对人才怎么说?", "guobanfa-2014-54"),
    ("54号文第九条怎么写?", "guobanfa-2014-54"),
    ("54号文件里有没有提到人才?", "guobanfa-2014-54"),
    ("国发〔2019〕11号有哪些人才政策?", "guofa-2019-11"),
    ("国发11号怎么说绿色升级?", "guofa-2019-11"),
    ("2019年11号文讲了什么?", "guofa-2019-11"),
    ("国办发〔2017〕7号里,智慧园区归在哪一条?", "guobanfa-2017-7"),
    ("2017年7号文对整合是怎么说的?", "guobanfa-2017-7"),
    ("2017年国办7号文对开发区整合是怎么说的?", "guobanfa-2017-7"),
    ("国办2017年7号文讲什么?", "guobanfa-2017-7"),
    ("国发2014年7号讲什么?", "guofa-2014-7"),
    ("国办发2016年14号讲什么", "guobanfa-2016-14"),
    ("14号文有什么要求?", "guobanfa-2016-14"),
    ("39号文税收优惠怎么写?", "guofa-2017-39"),
    ("2017年39号文写过什么?", "guofa-2017-39"),
    ("209号文现在还管用吗?", "shangzifa-2010-209"),
    ("192号文作废了吗?", "shangzihan-2016-192"),
    ("国发50号讲什么?", "guofa-2014-50"),
    ("2015年50号文讲什么?", "guobanfa-2015-50"),
    # By title, by a name that people give it, by id.
    ("国务院关于促进外资增长若干措施的通知第三条", "guofa-2017-39"),
    ("规划环境影响评价条例怎么规定?", "planning-eia-regulation"),
    ("《城乡规划法》里修改规划怎么规定?", "urban-rural-planning-law"),
    ("城乡规划法对总体规划怎么规定?", "urban-rural-planning-law"),
    ("外商投资法怎么规定信息报告?", "foreign-investment-law-2019"),
    ("高质量发展的实施意见讲什么?", "gansu-opinion-2020"),
    ("2021年版考核办法一级指标分几类?", "mofcom-evaluation-2021"),
    ("商务部2025年方案有几项举措?", "mofcom-plan-2025"),
    ("改革开放新高地那份意见讲什么?", "guofa-2019-11"),
    ("多规合一试点的通知怎么说?", "fagaiguihua-2014-1971"),
    ("guobanfa-2014-54有几条?", "guobanfa-2014-54"),
    # Behind the matter, not asked.
    ("按城乡规划法修编规划,谁牵头?", None),
    ("依据《城乡规划法》,控规谁负责?", None),
    ("根据国办发〔2014〕54号制定的考核,谁牵头?", None),
    ("落实54号文,招商由谁牵头?", None),
    ("为贯彻国办发〔2014〕54号,我省怎么做?", None),
    ("结合《城乡规划法》修订规划由哪个部门牵头？", None),
    # Not to be told from others, or held nowhere.
    ("50号文讲什么?", None),  # of 2014 and of 2015
    ("100号文讲什么?", None),
    ("国发54号讲什么?", None),
    ("国办发〔2013〕54号讲什么?", None),
    ("贷款贴息由谁牵头?", None),
    ("第十四条的原文", None),
    ("2015年54家企业由谁管?", None),
    ("中山路54号在哪个区?", None),
    ("省里的实施意见讲什么?", None),
    ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("question", "document_id"), NAMED)
def test_which_document_a_question_names(
    assistant: Assistant, question: str, document_id: str | None
) -> None:
    with named_in(assistant, question) as named:
        assert named.ids == ((document_id,) if document_id else ())
        # A number that only stands behind the matter is no part of it either.
        assert bool(named.words) or not document_id


@pytest.mark.parametrize(
    ("question", "document_ids"),
    [
        ("国办发〔2014〕54号和国办发〔2017〕7号有什么不同?", ("guobanfa-2014-54", "guobanfa-2017-7")),
        ("2017年7号文和2019年11号文对人才怎么说?", ("guobanfa-2017-7", "guofa-2019-11")),
        ("gansu-etdz-2015第三条", (SEED,)),
    ],
)
def test_several_documents_may_be_named(
    assistant: Assistant, question: str, document_ids: tuple[str, ...]
) -> None:
    with named_in(assistant, question) as named:
        assert named.ids == document_ids


@pytest.mark.parametrize(
    ("question", "document_id"),
    [
        ("云政发〔2022〕8号第三条", MEASURES),
        ("云政发8号文件的首贷贴息", MEASURES),
        ("云岭市户外广告设施管理办法第四条", ADVERTISING),
        ("《户外广告设施管理办法》怎么说?", ADVERTISING),
        ("小微企业那份措施讲什么?", MEASURES),
        # What users added is meant even where it stands behind the matter.
        ("按云政发〔2022〕8号,租金谁负责?", MEASURES),
        ("国办发〔2014〕54号第九条", "guobanfa-2014-54"),
    ],
)
def test_what_users_added_is_meant_whenever_it_is_named(
    several: Assistant, question: str, document_id: str
) -> None:
    with named_in(several, question) as named:
        assert named.ids == (document_id,)


@pytest.mark.parametrize(
    ("question", "document_id"),
    [
        ("国办54号文对人才怎么说?", "guobanfa-2014-54"),
        ("2017年国办7号文对开发区整合是怎么说的?", "guobanfa-2017-7"),
        ("国发11号文(2019)里说园区用电用气能怎么降?", "guofa-2019-11"),
        ("按城乡规划法修编规划,谁牵头?", SEED),
        ("落实54号文,招商由谁牵头?", SEED),
        ("招商由谁牵头?", SEED),
    ],
)
def test_the_answer_is_of_the_document_that_is_asked(
    ask: Callable[..., Answer], assistant: Assistant, question: str, document_id: str
) -> None:
    answer = ask(question)
    check_answer(assistant, answer)
    assert documents(answer) == {document_id}


def _known(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, reason=reason)


@pytest.mark.parametrize(
    ("question", "document_ids"),
    [
        ("154号文讲什么?", ()),
        ("国办发〔2012〕117号文讲什么?", ()),
        ("2018年54号文讲什么?", ()),
        pytest.param("国发7号讲什么?", (), marks=_known("2014 and 2020 have a 7号, and both are taken")),
        ("外商投资法实施以后外资审批谁牵头?", ()),
    ],
)  # fmt: skip
def test_names_that_are_misread(assistant: Assistant, question: str, document_ids: tuple[str, ...]) -> None:
    with named_in(assistant, question) as named:
        assert named.ids == document_ids


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("这个办法从哪天起施行?", ADVERTISING),
        ("这份措施到哪天失效?", MEASURES),
        ("该办法由谁负责?", ADVERTISING),
        ("这份意见由谁印发?", SEED),
        ("这份文件由谁印发?", None),
        ("这份条例由谁印发?", None),
    ],
)
def test_of_several_documents_the_kind_tells_which(
    several: Assistant, question: str, document: str | None
) -> None:
    with named_in(several, question) as named:
        assert named.ids == ((document,) if document else ())


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("云岭市对首次贷款的小微企业有什么补助?", (MEASURES, ADVERTISING)),
        ("云岭的户外广告由哪个单位管?", (MEASURES, ADVERTISING)),
        ("甘肃对贷款贴息怎么规定?", (SEED,)),
        ("江宁市对贷款贴息怎么规定?", ()),
    ],
)
def test_of_several_documents_the_place_tells_which(
    several: Assistant, question: str, documents: tuple[str, ...]
) -> None:
    with named_in(several, question) as named:
        assert set(named.ids) == set(documents)


@pytest.mark.slow
def test_an_id_that_is_a_plain_word_names_nothing(
    policy_data: Path, tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    data = Path(shutil.copytree(policy_data, tmp_path / "data"))
    file = tmp_path / "zone.txt"
    file.write_text(
        "海阳市停车办法\n\n第一条 为了规范停车,制定本办法。\n\n第二条 停车场应当公示价格。\n", "utf-8"
    )
    library = Library(make_settings(data))
    library.add([file])
    library.close()
    with open_assistant(make_settings(data)) as assistant:
        with named_in(assistant, "Who leads on foreign investment in the zone?") as named:
            assert named.ids == ()
        answer = assistant.ask(["Who allocates each year's quota of new building land to the zone?"])
        assert [citation.article for citation in answer.citations][:1] == [19]


@pytest.mark.parametrize(
    ("name", "question", "word"),
    [
        ("浙江", "Since when are Zhejiang's rules in force?", "Zhejiang"),
        ("陕西", "Who leads in Shanxi?", None),
        ("陕西", "Who leads in Shaanxi?", "Shaanxi"),
        ("青河", "In Qinghe County, who pays?", "Qinghe"),
        ("青河", "Who pays in Qinghezhen?", None),
    ],
)
def test_a_place_as_english_spells_it(name: str, question: str, word: str | None) -> None:
    assert _spelt_in(name, question) == word
