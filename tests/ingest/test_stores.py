"""One contract for both indexes, the catalogue's promises, and the folders of generations."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
import sqlalchemy as sa
from fakes import HashEmbedder
from ingest_samples import directory, notice, parse_text, tokenizer

from ingest.corrections import Correction
from ingest.errors import BadInput, IndexBusy, NoIndex, UnknownDocument
from ingest.passages import make_passages
from ingest.stores import generations
from ingest.stores.catalogue import Catalogue, CatalogueWriter
from ingest.stores.dense import DenseIndex, build_dense
from ingest.stores.generations import generation_folder, new_generation, remove_stray_generations, writer_lock
from ingest.stores.lexical import LexicalIndex, Scored, build_lexical
from ingest.types import ParsedDocument, Passage

# Read before the session's fixture takes settings out of the environment.
POSTGRES = os.environ.get("POLICYQA_TEST_POSTGRES")
EMBEDDER = HashEmbedder()

TAX = notice(
    "云岭市支持办法", "减免房屋租金。免收国有房屋租金三个月。", "发放稳岗补贴。对不裁员企业发放补贴。"
)
ADS = notice(
    "云岭市广告办法",
    "设置户外广告。应当提交申请表和效果图。",
    "发放补贴。对公益广告发放补贴。",
    "拆除。逾期不拆的,依法拆除。",
)


def passages_of(text: str, document_id: str) -> tuple[Passage, ...]:
    return make_passages(parse_text(text, document_id))


PASSAGES = (*passages_of(TAX, "tax"), *passages_of(ADS, "ads"))


class Index(Protocol):
    def __len__(self) -> int: ...
    def keys(self) -> set[str]: ...
    def find(self, text: str, limit: int, documents: Sequence[str] | None = None) -> list[Scored]: ...
    def close(self) -> None: ...


class Lexical:
    def __init__(self, folder: Path) -> None:
        self._index = LexicalIndex(folder, tokenizer())

    def __len__(self) -> int:
        return len(self._index)

    def keys(self) -> set[str]:
        return self._index.keys()

    def find(self, text: str, limit: int, documents: Sequence[str] | None = None) -> list[Scored]:
        return self._index.search(text, limit, documents)

    def close(self) -> None:
        """Nothing to close."""

    @staticmethod
    def build(folder: Path, passages: Sequence[Passage]) -> None:
        build_lexical(folder, passages, tokenizer())


class Dense:
    exact_limit = 20_000

    def __init__(self, folder: Path) -> None:
        self._index = DenseIndex(folder, exact_limit=self.exact_limit)

    def __len__(self) -> int:
        return len(self._index)

    def keys(self) -> set[str]:
        return set(self._index.digests())

    def find(self, text: str, limit: int, documents: Sequence[str] | None = None) -> list[Scored]:
        return self._index.search(EMBEDDER.embed_query(text), limit, documents)

    def close(self) -> None:
        self._index.close()

    @staticmethod
    def build(folder: Path, passages: Sequence[Passage]) -> None:
        build_dense(folder, passages, EMBEDDER.embed_documents([passage.text for passage in passages]))


class Graph(Dense):
    """The dense index beyond its exact limit: Chroma's graph."""

    exact_limit = -1


@pytest.fixture(params=[Lexical, Dense, Graph])
def kind(request: pytest.FixtureRequest) -> type[Lexical] | type[Dense]:
    chosen: type[Lexical] | type[Dense] = request.param
    return chosen


@pytest.fixture
def open_index(kind: type[Lexical], tmp_path: Path) -> Iterator[Callable[[Sequence[Passage]], Index]]:
    """open_index(passages): a freshly built index of them."""
    opened: list[Index] = []

    def make(passages: Sequence[Passage]) -> Index:
        folder = tmp_path / f"index-{len(opened)}"
        kind.build(folder, passages)
        opened.append(kind(folder))
        return opened[-1]

    yield make
    for index in opened:
        index.close()


OpenIndex = Callable[[Sequence[Passage]], Index]


def test_what_was_put_in_is_there(open_index: OpenIndex) -> None:
    index = open_index(PASSAGES)
    assert len(index) == len(PASSAGES) == 5
    assert index.keys() == {"tax#0", "tax#1", "ads#0", "ads#1", "ads#2"}


@pytest.mark.parametrize(
    ("text", "best"),
    [("房屋租金减免多久", "tax#0"), ("户外广告要交什么申请表", "ads#0"), ("逾期不拆会怎样", "ads#2")],
)
def test_the_best_comes_first(open_index: OpenIndex, text: str, best: str) -> None:
    hits = open_index(PASSAGES).find(text, 5)
    assert hits[0].key == best
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.key for hit in hits}) == len(hits)


def test_a_limit_is_kept_and_cuts_the_same_list(open_index: OpenIndex) -> None:
    index = open_index(PASSAGES)
    hits = index.find("发放补贴", 5)
    assert {hit.key for hit in hits[:2]} == {"tax#1", "ads#1"}
    assert index.find("发放补贴", 1) == hits[:1]
    assert len(index.find("发放补贴", 500)) <= 5


def test_only_the_given_documents_are_searched(open_index: OpenIndex) -> None:
    index = open_index(PASSAGES)
    for document in ("tax", "ads"):
        hits = index.find("发放补贴", 5, [document])
        assert hits[0].key == f"{document}#1"
        assert {hit.key.split("#")[0] for hit in hits} == {document}
    assert {hit.key for hit in index.find("发放补贴", 5, ["tax", "ads"])} == {
        hit.key for hit in index.find("发放补贴", 5)
    }
    assert index.find("发放补贴", 5, ["none"]) == []


def test_the_same_query_gives_the_same_answer(open_index: OpenIndex) -> None:
    index = open_index(PASSAGES)
    assert index.find("发放补贴", 5) == index.find("发放补贴", 5)


@pytest.mark.parametrize("text", ["", "。,!", "zzzz", "🙂", "\x00"])
def test_words_that_are_nowhere_do_no_harm(open_index: OpenIndex, text: str) -> None:
    assert all(isinstance(hit, Scored) for hit in open_index(PASSAGES).find(text, 5))


@pytest.mark.parametrize("text", ["", "。,!"])
def test_nothing_to_search_for_finds_nothing(open_index: OpenIndex, text: str) -> None:
    assert open_index(PASSAGES).find(text, 5) == []


def test_an_empty_index_answers_nothing(open_index: OpenIndex) -> None:
    index = open_index(())
    assert len(index) == 0
    assert index.keys() == set()
    assert index.find("发放补贴", 5) == []


def test_one_passage_is_enough(open_index: OpenIndex) -> None:
    assert [hit.key for hit in open_index(PASSAGES[:1]).find("房屋租金", 5)] == ["tax#0"]


def test_a_query_is_text_not_a_query_language(open_index: OpenIndex) -> None:
    index = open_index(PASSAGES)
    for text in ('body:租金 AND -"', "租金 OR *", "(((", "租金^9", "a:b:c", "\\"):
        index.find(text, 5)


def test_no_folder_is_no_index(kind: type[Lexical], tmp_path: Path) -> None:
    with pytest.raises(NoIndex, match="verify"):
        kind(tmp_path / "none")


def test_an_empty_folder_is_no_index(kind: type[Lexical], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoIndex, match="verify"):
        kind(tmp_path / "empty")


def test_a_query_from_several_threads(open_index: OpenIndex) -> None:
    index = open_index(PASSAGES)
    expected = index.find("发放补贴", 5)
    found: list[list[Scored]] = []
    threads = [threading.Thread(target=lambda: found.append(index.find("发放补贴", 5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_exact_search_and_the_graph_agree(tmp_path: Path) -> None:
    Dense.build(tmp_path / "dense", PASSAGES)
    exact, graph = Dense(tmp_path / "dense"), Graph(tmp_path / "dense")
    for text in ("房屋租金", "发放补贴", "申请表"):
        ours, theirs = exact.find(text, 5), graph.find(text, 5)
        assert ours[0].key == theirs[0].key
        np.testing.assert_allclose([h.score for h in ours], [h.score for h in theirs], atol=1e-4)
    graph.close()


def test_dense_knows_each_passage_by_its_digest(tmp_path: Path) -> None:
    Dense.build(tmp_path / "dense", PASSAGES)
    index = DenseIndex(tmp_path / "dense")
    assert index.digests() == {passage.key: passage.digest for passage in PASSAGES}
    assert len(index) == len(PASSAGES)
    index.close()


def test_dense_finds_nothing_for_a_zero_vector(tmp_path: Path) -> None:
    Dense.build(tmp_path / "dense", PASSAGES)
    index = DenseIndex(tmp_path / "dense")
    assert index.search(np.zeros(EMBEDDER.dimensions, dtype=np.float32), 5) == []


def test_how_many_passages_hold_a_word(tmp_path: Path) -> None:
    Lexical.build(tmp_path / "lexical", PASSAGES)
    index = LexicalIndex(tmp_path / "lexical", tokenizer())
    assert index.document_frequency("补贴") == 2
    assert index.document_frequency("没有的词") == 0


# Passages


def test_a_passage_leaves_out_the_bodies_and_keeps_the_words() -> None:
    text = "办法\n\n一、总则\n\n(一)减租。免收租金。(市国资委牵头,市财政局配合)\n"
    passage = passages_of(text, "x")[-1]
    assert "免收租金" in passage.body
    assert "市财政局" not in passage.text
    assert passage.section == "一、总则"
    assert passage.heading == "减租"


def test_a_digest_follows_the_words_and_nothing_else() -> None:
    one, two = passages_of(TAX, "a"), passages_of(TAX, "b")
    assert [p.digest for p in one] == [p.digest for p in two]
    changed = passages_of(TAX.replace("三个月", "六个月"), "a")
    assert changed[0].digest != one[0].digest
    assert changed[1].digest == one[1].digest


# The catalogue


def put(writer: CatalogueWriter, parsed: ParsedDocument, position: int = 0, fingerprint: str = "f") -> None:
    names = {n for c in parsed.clauses for d in c.responsibilities for n in d.names}
    found = {name: directory().resolve(name) for name in names}
    writer.put_document(
        parsed,
        make_passages(parsed),
        {name: body.id if body else None for name, body in found.items()},
        origin="added",
        position=position,
        fingerprint=fingerprint,
        corrections=(Correction(clause="一", printed="甲", reads="乙", note="丙"),),
    )


POLICY = parse_text(
    "实施意见\n\n各市州人民政府:\n\n  为贯彻《若干意见》(国办发〔2014〕54号),提出意见。\n\n  一、总则\n\n"
    "  (一)明确定位。加强考核。(省发展改革委牵头,省商务厅、市教育局等部门配合)\n\n  二、保障\n\n"
    "  (二)财政支持。给予贴息。(省财政厅牵头,省发展改革委配合)\n\n  (三)统计。加强统计。(省统计局、省财政厅负责)\n\n"
    "  各地要抓好落实。\n\n  2015年1月27日\n",
    "policy",
)  # fmt: skip


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgres", marks=pytest.mark.skipif(not POSTGRES, reason="POLICYQA_TEST_POSTGRES is not set")
        ),
    ]
)
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue in every database that there is to test with."""
    if request.param == "sqlite":
        opened = Catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite3'}")
    else:
        assert POSTGRES
        _drop_all(POSTGRES)
        opened = Catalogue(POSTGRES)
    yield opened
    opened.close()
    if request.param == "postgres":
        assert POSTGRES
        _drop_all(POSTGRES)


def _drop_all(url: str) -> None:
    engine = sa.create_engine(url)
    tables = sa.MetaData()
    tables.reflect(engine)
    tables.drop_all(engine)
    engine.dispose()


def test_a_document_comes_back_as_it_was(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        put(writer, POLICY)
    with catalogue.reading() as reader:
        stored = reader.document("policy")
        assert stored.document == POLICY.document
        assert (stored.preamble, stored.closing) == (POLICY.preamble, POLICY.closing)
        assert stored.references == POLICY.references
        assert (stored.origin, stored.fingerprint) == ("added", "f")
        assert stored.corrections == (Correction(clause="一", printed="甲", reads="乙", note="丙"),)
        assert tuple(held.clause for held in reader.clauses("policy")) == POLICY.clauses
        assert reader.passages() == make_passages(POLICY)


def test_bodies_are_found_completely_by_id_or_printed_name(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        put(writer, POLICY)
    with catalogue.reading() as reader:
        duties = reader.duties(department_ids=["gansu-fagai"])
        assert [(d.clause.clause.label, d.role, d.printed) for d in duties] == [
            ("(一)", "lead", "省发展改革委"),
            ("(二)", "cooperating", "省发展改革委"),
        ]
        assert [d.role for d in reader.duties(department_ids=["gansu-caizheng"])] == ["lead", "responsible"]
        (school,) = reader.duties(printed=["市教育局"])
        assert (school.department_id, school.role) == (None, "cooperating")
        assert reader.duties() == ()
        assert reader.duties(department_ids=["gansu-fagai"], document_ids=["other"]) == ()
        assert {printed for _, _, printed, _ in reader.bodies()} == {
            "省发展改革委", "省商务厅", "市教育局", "省财政厅", "省统计局",
        }  # fmt: skip


def test_articles_and_keys(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        put(writer, POLICY)
    with catalogue.reading() as reader:
        assert [held.clause.heading for held in reader.articles(2)] == ["财政支持"]
        assert reader.articles(2, ["other"]) == reader.articles(9) == ()
        keys = [held.key for held in reader.clauses()]
        assert list(reader.clauses_by_key(keys)) and set(reader.clauses_by_key(keys)) == set(keys)
        assert reader.clauses_by_key(["policy#99", "none#0", "odd", "a#b", ""]) == {}


def test_putting_again_replaces(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        put(writer, POLICY)
    shorter = replace(POLICY, clauses=POLICY.clauses[:1])
    with catalogue.writing() as writer:
        put(writer, shorter, fingerprint="g")
    with catalogue.reading() as reader:
        assert len(reader.clauses()) == 1
        assert len(reader.documents()) == 1
        assert reader.document("policy").fingerprint == "g"
        assert reader.duties(department_ids=["gansu-tongji"]) == ()


def test_deleting(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        put(writer, POLICY)
        with pytest.raises(UnknownDocument, match="none"):
            writer.delete_document("none")
        writer.delete_document("none", missing_ok=True)
        writer.delete_document("policy")
    with catalogue.reading() as reader:
        held = [reader.documents(), reader.clauses(), reader.bodies(), reader.passages()]
        assert not any(held)
        with pytest.raises(UnknownDocument, match="policy"):
            reader.document("policy")


def test_documents_come_in_their_order(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        for name, position in (("b", 1), ("c", 0), ("a", 1)):
            put(writer, replace(POLICY, document=replace(POLICY.document, id=name)), position)
    with catalogue.reading() as reader:
        assert [stored.document.id for stored in reader.documents()] == ["c", "a", "b"]
        assert list(dict.fromkeys(held.document_id for held in reader.clauses())) == ["c", "a", "b"]


def test_a_failed_change_leaves_nothing(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        put(writer, POLICY)
    with pytest.raises(RuntimeError), catalogue.writing() as writer:
        writer.delete_document("policy")
        writer.set_state("generation", "x")
        raise RuntimeError
    with catalogue.reading() as reader:
        assert len(reader.documents()) == 1
        assert reader.state("generation") is None


def test_a_reader_sees_one_state_while_another_writes(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        put(writer, POLICY)
        writer.set_state("generation", "one")
    if catalogue._engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's readers see each commit unless asked otherwise")
    with catalogue.reading() as reader:
        assert reader.state("generation") == "one"
        with catalogue.writing() as writer:
            writer.delete_document("policy")
            writer.set_state("generation", "two")
        assert reader.state("generation") == "one"
        assert len(reader.documents()) == 1
    with catalogue.reading() as reader:
        assert (reader.state("generation"), reader.documents()) == ("two", ())


def test_vectors_are_kept_by_digest_and_pruned(catalogue: Catalogue) -> None:
    vectors = {f"d{n}": np.arange(4, dtype=np.float32) + n for n in range(3)}
    with catalogue.writing() as writer:
        writer.put_vectors("old", vectors.items())
        writer.put_vectors("new", vectors.items())
        writer.put_vectors("new", ())
        writer.prune_vectors("new", ["d0", "d2"])
    with catalogue.reading() as reader:
        assert reader.vectors("old") == {}
        kept = reader.vectors("new")
    assert set(kept) == {"d0", "d2"}
    np.testing.assert_array_equal(kept["d2"], vectors["d2"])


def test_no_catalogue_is_no_index(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'new.sqlite3'}", f"sqlite:///{tmp_path / 'no' / 'folder.sqlite3'}"):
        opened = Catalogue(url)
        with pytest.raises(NoIndex, match="build"), opened.reading():
            pass
        opened.close()


def test_another_version_is_no_index(catalogue: Catalogue) -> None:
    with catalogue.writing() as writer:
        writer.set_state("schema", "0")
    with pytest.raises(NoIndex, match="版本"), catalogue.reading():
        pass
    assert not catalogue.readable()


# Generations


def test_generations_have_their_own_names(tmp_path: Path) -> None:
    made = [new_generation(tmp_path) for _ in range(20)]
    assert len({name for name, _ in made}) == 20
    assert all(folder == generation_folder(tmp_path, name) and not folder.exists() for name, folder in made)


def test_stray_generations_go_and_named_ones_stay(tmp_path: Path) -> None:
    remove_stray_generations(tmp_path, keep=set())
    for name in ("a", "b", "c"):
        (generation_folder(tmp_path, name) / "lexical").mkdir(parents=True)
    remove_stray_generations(tmp_path, keep={"b", "none"})
    assert [child.name for child in (tmp_path / "indexes").iterdir()] == ["b"]


def test_one_writer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "_LOCK_WAIT_S", 0.2)
    with (
        writer_lock(tmp_path / "data"),
        pytest.raises(IndexBusy, match="另一个程序"),
        writer_lock(tmp_path / "data"),
    ):
        pass
    with writer_lock(tmp_path / "data"):
        pass


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for data in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BadInput, match="不能写入"), writer_lock(data):
            pass
    shutil.rmtree(tmp_path)
