"""What stands above each article and what has changed since: the shipped tables, and what a broken one says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from ingest_samples import CORPUS, POLICY, make_settings, quick_library

from ingest.alignment import ALIGNMENT, Alignment, check_alignment, load_alignment
from ingest.currency import CURRENCY, Change, Currency, check_currency, load_currency, told
from ingest.errors import BrokenKnowledge
from ingest.library import Library
from ingest.sources import corpus_sources, digest_sources
from rag.build import open_assistant

PARENT = "guobanfa-2014-54"


@cache
def labels() -> dict[str, frozenset[str]]:
    """The labels of the shipped documents by document id."""
    library = quick_library(Path("/nonexistent"))
    parsed = [library.parse(source) for source in (*corpus_sources(CORPUS), *digest_sources(CORPUS))]
    return {p.document.id: frozenset(clause.label for clause in p.clauses) for p in parsed}


@cache
def alignment() -> Alignment:
    return load_alignment(CORPUS / ALIGNMENT)


@cache
def currency() -> Currency:
    return load_currency(CORPUS / CURRENCY)


# The shipped tables


def test_the_shipped_tables_name_only_what_is_there() -> None:
    check_alignment(CORPUS / ALIGNMENT, alignment(), labels())
    check_currency(CORPUS / CURRENCY, currency(), labels())


def test_every_article_has_one_row_in_order() -> None:
    library = quick_library(Path("/nonexistent"))
    (policy,) = (s for s in corpus_sources(CORPUS) if s.document.id == POLICY)
    assert (alignment().document, alignment().parent) == (POLICY, PARENT)
    assert [pair.clause for pair in alignment().pairs] == [c.label for c in library.parse(policy).clauses]
    assert len(alignment().pairs) == 24


def test_every_article_above_is_there_and_accounted_for() -> None:
    above = {label for pair in alignment().pairs for label in pair.parents}
    assert above <= labels()[PARENT]
    numbered = {label for label in labels()[PARENT] if label.startswith("(")}
    assert numbered <= above
    assert all(label in numbered and where for label, where in alignment().not_singled_out)
    assert all(pair.reason for pair in alignment().pairs)


@pytest.mark.parametrize(
    ("clause", "parents", "strength"),
    [
        ("(一)", ("(一)",), "direct"),
        ("(四)", ("(六)", "(七)"), "direct"),
        ("(十四)", ("(九)",), "partial"),
        ("(二十)", ("(七)", "要点1"), "partial"),
        ("(二十二)", (), "none"),
    ],
)
def test_rows_read_as_written(clause: str, parents: tuple[str, ...], strength: str) -> None:
    pair = alignment().of(clause)
    assert pair is not None
    assert (pair.parents, pair.strength) == (parents, strength)


def test_both_directions_say_the_same() -> None:
    assert [pair.clause for pair in alignment().below("(九)")] == ["(六)", "(八)", "(九)", "(十四)"]
    assert alignment().of("(二十五)") is None and alignment().below("(二十五)") == ()
    for pair in alignment().pairs:
        assert all(pair in alignment().below(label) for label in pair.parents)


def test_every_change_names_documents_and_clauses_that_are_there() -> None:
    for change in currency().changes:
        assert {change.document, *change.by} <= set(labels())
        assert change.clause is None or change.clause in labels()[change.document]
        assert change.what and change.about and isinstance(change.since, date)


def test_the_words_of_a_change_stand_in_its_clause() -> None:
    library = quick_library(Path("/nonexistent"))
    (policy,) = (s for s in corpus_sources(CORPUS) if s.document.id == POLICY)
    texts = {clause.label: clause.text for clause in library.parse(policy).clauses}
    for change in currency().changes:
        if change.words:
            assert change.clause is not None and change.concerns(texts[change.clause]), change.about


@pytest.mark.parametrize(
    ("written", "day", "words"),
    [
        ("2016", date(2016, 1, 1), "2016年"),
        ("2016-10", date(2016, 10, 1), "2016年10月"),
        ("2016-10-08", date(2016, 10, 8), "2016年10月8日"),
        ("2020-02-29", date(2020, 2, 29), "2020年2月29日"),
    ],
)
def test_when_a_change_came(written: str, day: date, words: str) -> None:
    assert told(written) == (day, words)


@pytest.mark.parametrize(
    "written", ["", "2016/10", "2016年", "2016-13", "2019-02-29", "2016-10-08-01", "十月"]
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        told(written)


@pytest.mark.parametrize(
    ("day", "about"),
    [
        (date(2015, 9, 30), []),
        (date(2015, 10, 1), ["三证合一"]),
        (date(2016, 9, 30), ["三证合一"]),
        (date(2016, 10, 1), ["外商投资审批权限", "三证合一"]),
        (date(2018, 1, 1), ["外商投资审批权限", "三证合一", "工商、质监机构"]),
    ],
)
def test_a_change_is_known_from_its_day_on(day: date, about: list[str]) -> None:
    assert [change.about for change in currency().of(POLICY, "(五)", day)] == about


def test_changes_are_found_by_their_words() -> None:
    today = date(2024, 1, 1)
    assert [c.about for c in currency().about(POLICY, "新三板挂牌现在还行吗", today)] == ["新三板"]
    assert currency().about(POLICY, "招商引资", today) == ()
    assert currency().about(PARENT, "新三板", today) == ()
    assert [c.about for c in currency().of(POLICY, None, today)] == ["整份文件"]


def test_without_the_files_nothing_is_known(tmp_path: Path) -> None:
    assert load_alignment(tmp_path / ALIGNMENT) == Alignment()
    assert load_currency(tmp_path / CURRENCY) == Currency()
    check_alignment(tmp_path / ALIGNMENT, Alignment(), {})
    check_currency(tmp_path / CURRENCY, Currency(), {})


# Broken tables

KNOWN = {"jia": frozenset({"(一)", "(二)"}), "yi": frozenset({"(一)", "(二)", "要点1"})}
PAIRS = """document: jia
parent: yi
basis: 对照整理
pairs:
  - {clause: (一), parents: [(一), 要点1], strength: direct, reason: 一致, conf: high}
  - {clause: (二), parents: [], strength: none, reason: 没有, added: 整条, conf: medium}
not_singled_out:
  - {parent: (二), where: 化入(一)}
"""
CHANGES = """changes:
  - document: jia
    clause: (一)
    about: 审批
    words: [审批]
    what: 改为备案
    now: 直接登记
    since: "2016-10"
    by: [yi]
    conf: high
  - document: jia
    about: 整份文件
    what: 有了新的
    since: "2019"
"""


def checked_pairs(file: Path) -> Alignment:
    table = load_alignment(file)
    check_alignment(file, table, KNOWN)
    return table


def checked_changes(file: Path) -> Currency:
    table = load_currency(file)
    check_currency(file, table, KNOWN)
    return table


def test_what_the_small_tables_say(tmp_path: Path) -> None:
    (tmp_path / ALIGNMENT).write_text(PAIRS, encoding="utf-8")
    (tmp_path / CURRENCY).write_text(CHANGES, encoding="utf-8")
    first, second = checked_pairs(tmp_path / ALIGNMENT).pairs
    assert (first.parents, first.added, first.verified) == (("(一)", "要点1"), "", True)
    assert (second.parents, second.added, second.verified) == ((), "整条", False)
    one, other = checked_changes(tmp_path / CURRENCY).changes
    assert one == Change(
        document="jia", clause="(一)", about="审批", words=("审批",), what="改为备案", now="直接登记",
        since=date(2016, 10, 1), since_told="2016年10月", by=("yi",), verified=True,
    )  # fmt: skip
    assert (other.clause, other.words, other.now, other.by, other.verified) == (None, (), "", (), False)


BAD_PAIRS = [
    (("clause: (二)", "clause: (三)"), "第 6 行：文件 jia 里没有 \\(三\\)"),
    (("[(一), 要点1]", "[(一), 要点9]"), "第 5 行：文件 yi 里没有 要点9"),
    (("{parent: (二)", "{parent: (五)"), "第 8 行：文件 yi 里没有 \\(五\\)"),
    (("parent: yi", "parent: bing"), "第 2 行：没有编号为 bing 的文件"),
    (("document: jia", "document: bing"), "第 1 行：没有编号为 bing 的文件"),
    (("reason: 一致,", "reason: 定位一致,写法不同,"), "第 5 行：不认识的内容“写法不同”.*半角逗号"),
    (("conf: medium", "remark: 无"), "第 6 行：不认识的内容“remark”"),
    (("parents: []", "parents: [(二)]"), "第 6 行：strength 是 none 时 parents 应为空"),
    (("parents: [(一), 要点1]", "parents: []"), "第 5 行：.*否则不能为空"),
    (("strength: direct", "strength: strong"), "第 5 行：strength 应是 direct、partial 或 none"),
    (("reason: 没有, ", ""), "第 6 行.*缺少 reason"),
    (("clause: (一), ", ""), "第 5 行.*缺少 clause"),
    (("parents: [(一), 要点1]", "parents: (一)"), "第 5 行.*parents 应是一列文字"),
    (("clause: (二)", "clause: 2"), "第 6 行.*缺少 clause"),
    ((", where: 化入(一)", ""), "第 8 行.*缺少 where"),
    (("basis: 对照整理\n", ""), "缺少 basis"),
    (("  - {clause: (二)", "  - clause: (二)"), "第 \\d+ 行不是有效的 YAML"),
    (("clause: (二)", "clause: (一)"), "第 6 行.*不止一行"),
    (("not_singled_out:", "not_singledout:"), "不认识的内容“not_singledout”"),
    ((", where: 化入(一)", ", where: 化入(一),补入(二)"), "第 8 行：不认识的内容“补入\\(二\\)”"),
]  # fmt: skip

BAD_CHANGES = [
    (("clause: (一)", "clause: (三)"), "第 2 行：文件 jia 里没有 \\(三\\)"),
    (("by: [yi]", "by: [yi, ding]"), "第 2 行：没有编号为 ding 的文件"),
    (("  - document: jia\n    about", "  - document: ding\n    about"), "第 11 行：没有编号为 ding 的文件"),
    (('"2016-10"', '"2016/10"'), "第 2 行：since 应写作"),
    (('"2019"', '"二〇一九"'), "第 11 行：since 应写作"),
    (('"2016-10"', "2016-10-08"), "第 2 行.*缺少 since"),
    (('"2019"', "2019"), "第 11 行.*缺少 since"),
    (("    clause: (一)", "    clause: 1"), "第 2 行：clause 应是"),
    (("words: [审批]", "words: 审批"), "第 2 行.*words 应是一列文字"),
    (("    what: 改为备案\n", ""), "第 2 行.*缺少 what"),
    (("    about: 整份文件\n", ""), "第 11 行.*缺少 about"),
    (("now: 直接登记", "then: 直接登记"), "第 2 行：不认识的内容“then”"),
    (("by: [yi]", "by: yi"), "第 2 行.*by 应是一列文字"),
    (("changes:\n", "change:\n"), "缺少 changes"),
]  # fmt: skip


def broken(file: Path, text: str, change: tuple[str, str], read: Callable[[Path], object], said: str) -> None:
    assert text.count(change[0]) == 1
    file.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=said) as caught:
        read(file)
    assert str(caught.value).startswith(str(file))


@pytest.mark.parametrize(("change", "said"), BAD_PAIRS)
def test_a_broken_row_of_the_alignment_is_named(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    broken(tmp_path / ALIGNMENT, PAIRS, change, checked_pairs, said)


@pytest.mark.parametrize(("change", "said"), BAD_CHANGES)
def test_a_broken_row_of_the_changes_is_named(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    broken(tmp_path / CURRENCY, CHANGES, change, checked_changes, said)


def test_an_article_written_twice_is_named(tmp_path: Path) -> None:
    broken(
        tmp_path / ALIGNMENT, PAIRS, ("clause: (二)", "clause: (一)"), checked_pairs, "\\(一\\) 写了不止一行"
    )


# A build that finds one of them broken


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of corpus/ and its index, made with the shipped embedder."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(CORPUS, folder / "corpus")
    library = Library(make_settings(folder / "data", folder / "corpus"))
    library.build()
    library.close()
    return folder


@pytest.fixture
def edit(served: Path) -> Iterator[Callable[[str, str, str], None]]:
    """edit(file, old, new): change a file of the copied corpus for the length of a test."""
    before: dict[Path, str] = {}

    def change(name: str, old: str, new: str) -> None:
        file = served / "corpus" / name
        text = before.setdefault(file, file.read_text(encoding="utf-8"))
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    yield change
    for file, text in before.items():
        file.write_text(text, encoding="utf-8")


@pytest.mark.xdist_group("served")
@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (ALIGNMENT, "parents: [(五)]", "parents: [(五十)]", "第 \\d+ 行：文件 guobanfa-2014-54 里没有 \\(五十\\)"),
        pytest.param(ALIGNMENT, "三个“成为”的定位一致", "三个,一致", "第 \\d+ 行：不认识的内容", marks=pytest.mark.slow),
        pytest.param(CURRENCY, "clause: (五)", "clause: (五十)", "第 \\d+ 行：文件 gansu-etdz-2015 里没有 \\(五十\\)", marks=pytest.mark.slow),
        pytest.param(CURRENCY, "guobanfa-2015-50", "guobanfa-2015-51", "第 \\d+ 行：没有编号为 guobanfa-2015-51 的文件", marks=pytest.mark.slow),
        pytest.param(CURRENCY, 'since: "2016-10"', 'since: "2016/10"', "第 \\d+ 行：since 应写作", marks=pytest.mark.slow),
        (f"digests/{PARENT}.yaml", "conf: high", "conf: sure", "第 \\d+ 行：conf 应是"),
        pytest.param(f"digests/{PARENT}.yaml", "relation: parent", "relation: above", "relation 应是", marks=pytest.mark.slow),
        # An article that the alignment needs is no longer sure enough to be shown.
        (f"digests/{PARENT}.yaml", "conf: high", "conf: low", "alignment.yaml 第 \\d+ 行：.*没有 \\(一\\)"),
    ],
)  # fmt: skip
def test_a_build_with_broken_knowledge_leaves_the_index_as_it_was(
    served: Path, edit: Callable[[str, str, str], None], name: str, old: str, new: str, said: str
) -> None:
    settings = make_settings(served / "data", served / "corpus")
    generations = sorted(path.name for path in (served / "data" / "indexes").iterdir())
    edit(name, old, new)
    library = Library(settings)
    before = library.status()
    with pytest.raises(BrokenKnowledge, match=said) as caught:
        library.build()
    assert re.match(rf"{served}/corpus/\S+\.yaml", str(caught.value))
    assert library.status() == before
    assert sorted(path.name for path in (served / "data" / "indexes").iterdir()) == generations
    assert library.verify(repair=False) == ()
    library.close()
    with open_assistant(settings) as assistant:
        answer = assistant.ask(["贷款贴息由谁牵头?"])
    assert answer.departments.lead == ("省财政厅",)
    assert [citation.label for citation in answer.citations] == ["(十四)"]


@pytest.mark.xdist_group("served")
def test_the_mended_corpus_builds_without_work(served: Path) -> None:
    library = Library(make_settings(served / "data", served / "corpus"))
    change = library.build()
    library.close()
    assert (change.put, change.removed, change.reindexed) == ((), (), False)
