"""The index as a whole: building, adding, removing, and finding and mending faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedder
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from ingest_samples import CORPUS, POLICY, index_folder, notice, quick_library
from numpy.typing import NDArray

from ingest.errors import BadInput, BrokenKnowledge, NoIndex, UnknownDocument, UnreadableDocument
from ingest.library import Change, Library
from ingest.stores.dense import DenseIndex
from ingest.stores.lexical import LexicalIndex

QUERIES = ("房屋租金", "发放补贴", "户外广告申请", "财政贴息", "统计局")
OPENING = {
    "tax": notice(
        "云岭市支持办法", "减免房屋租金。免收国有房屋租金三个月。", "发放稳岗补贴。对不裁员企业发放补贴。"
    ),
    "ads": notice("云岭市广告办法", "设置户外广告。应当提交申请表和效果图。", "拆除。逾期不拆的,依法拆除。"),
}


def make_corpus(folder: Path, texts: dict[str, str]) -> Path:
    """A corpus folder with the shipped knowledge and small documents."""
    folder.mkdir()
    for name in ("departments.yaml", "duty_patterns.yaml", "terms.txt"):
        shutil.copy(CORPUS / name, folder)
    for document_id, text in texts.items():
        ship(folder, document_id, text)
    return folder


def ship(corpus: Path, document_id: str, text: str) -> None:
    (corpus / f"{document_id}.txt").write_text(text, encoding="utf-8")
    (corpus / f"{document_id}.yaml").write_text(f"id: {document_id}\nsource: 测试\n", encoding="utf-8")


def write(folder: Path, document_id: str, *clauses: str) -> Path:
    file = folder / f"{document_id}.txt"
    file.write_text(notice(f"{document_id}通知", *clauses), encoding="utf-8")
    return file


def search(library: Library) -> list[tuple[str, float]]:
    """What both indexes answer to a few queries."""
    folder = index_folder(library)
    lexical = LexicalIndex(folder / "lexical", library.tokenizer)
    dense = DenseIndex(folder / "dense")
    found = [hit for query in QUERIES for hit in lexical.search(query, 10)]
    found += [hit for query in QUERIES for hit in dense.search(library.embedder.embed_query(query), 10)]
    dense.close()
    return [(hit.key, round(hit.score, 5)) for hit in found]


def state(library: Library) -> tuple[object, ...]:
    """All that a user can see of the index."""
    return library.status(), search(library), index_folder(library).name


def embedded(library: Library) -> list[str]:
    """The texts embedded since the last call."""
    embedder = library.embedder
    assert isinstance(embedder, HashEmbedder)
    seen, embedder.seen = embedder.seen, []
    return seen


def generations(library: Library) -> set[str]:
    folder = library.settings.data / "indexes"
    return {child.name for child in folder.iterdir()} if folder.is_dir() else set()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "corpus", OPENING)


@pytest.fixture
def open_library(tmp_path: Path, corpus: Path) -> Iterator[Callable[[], Library]]:
    """open_library(): the library over the same folders, as a new process would open it."""
    opened: list[Library] = []

    def make() -> Library:
        opened.append(quick_library(tmp_path / "data", corpus))
        return opened[-1]

    yield make
    for library in opened:
        library.close()


@pytest.fixture
def library(open_library: Callable[[], Library]) -> Library:
    """A library whose corpus is indexed."""
    library = open_library()
    library.build()
    embedded(library)
    return library


OpenLibrary = Callable[[], Library]


def test_the_shipped_policy_is_indexed_with_every_clause(tmp_path: Path) -> None:
    library = quick_library(tmp_path / "data")
    assert POLICY in library.build().put
    (status,) = [s for s in library.status() if s.id == POLICY]
    assert (status.clauses, status.origin, status.number, status.unknown_bodies) == (24, "corpus", None, ())
    with library.catalogue.reading() as reader:
        assert [c.clause.article for c in reader.clauses(POLICY)] == list(range(1, 25))
    assert library.verify() == ()
    library.close()


def test_links_between_documents_follow_what_is_there(library: Library, tmp_path: Path) -> None:
    library.build()
    parent = tmp_path / "parent.txt"
    parent.write_text(
        "国务院关于测试的意见\n国发〔2016〕8号\n各市:\n一、推进。加快。\n二、落实。考核。\n", encoding="utf-8"
    )
    child = tmp_path / "child.txt"
    child.write_text(
        "某市关于测试的通知\n各县:\n根据《国务院关于测试的意见》(国发〔2016〕8号)办理。\n一、推进。加快。\n",
        encoding="utf-8",
    )
    library.add([child])
    mentions = lambda: next(s.mentions for s in library.status() if s.id == "child")  # noqa: E731
    assert mentions() == ()
    library.add([parent])
    assert mentions() == ("parent",)
    library.remove(["parent"])
    assert mentions() == ()


def test_building_twice_does_no_work(library: Library, open_library: OpenLibrary) -> None:
    before = state(library)
    again = open_library()
    assert again.build() == Change(unchanged=("ads", "tax"), reindexed=False)
    assert embedded(again) == []
    assert state(again) == before


def test_two_builds_from_nothing_answer_alike(library: Library, corpus: Path, tmp_path: Path) -> None:
    other = quick_library(tmp_path / "other", corpus)
    other.build()
    assert search(other) == search(library)
    other.close()


def test_adding_replacing_removing(library: Library, tmp_path: Path) -> None:
    before = search(library)
    file = write(tmp_path, "mine", "财政贴息。对贷款给予贴息。")
    assert library.add([file]) == Change(put=("mine",), reindexed=True)
    assert any(key == "mine#0" for key, _ in search(library))
    assert library.add([file]) == Change(unchanged=("mine",), reindexed=False)

    write(tmp_path, "mine", "设立统计局。", "另行规定。按规定执行。")
    assert library.add([file]) == Change(put=("mine",), reindexed=True)
    assert [s.clauses for s in library.status() if s.id == "mine"] == [2]

    assert library.remove(["mine"]) == Change(removed=("mine",), reindexed=True)
    assert search(library) == before
    assert [s.id for s in library.status()] == ["ads", "tax"]


def test_a_document_under_another_id(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, "mine", "财政贴息。给予贴息。")
    assert library.add([file], "甲-2020").put == ("甲-2020",)
    for bad in ("", "a b", "a/b", "a#b", "x" * 121, "a\nb"):
        with pytest.raises(BadInput, match="编号"):
            library.add([file], bad)
    with pytest.raises(BadInput, match="--id"):
        library.add([file, write(tmp_path, "other", "甲。乙。")], "two")


def test_a_folder_is_added_with_all_below_it(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    write(folder, "one", "甲事。办理。")
    write(folder / "below", "two", "乙事。办理。")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    assert sorted(library.add([folder]).put) == ["one", "two"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="没有可以添加的文件"):
        library.add([tmp_path / "empty"])


@pytest.mark.parametrize("bad", ["empty.txt", "binary.txt", "photo.jpg", "missing.txt", "words.txt"])
def test_adding_is_all_or_nothing(library: Library, tmp_path: Path, bad: str) -> None:
    before = state(library)
    folders = generations(library)
    contents = {
        "empty.txt": b" \n",
        "binary.txt": b"a\x00b" * 50,
        "photo.jpg": b"x",
        "words.txt": "一、\n".encode(),
    }
    if bad in contents:
        (tmp_path / bad).write_bytes(contents[bad])
    good = [write(tmp_path, f"good{n}", "财政贴息。给予贴息。") for n in range(2)]
    if bad == "words.txt":
        (tmp_path / bad).write_text("只有标题", encoding="utf-8")
    with pytest.raises(UnreadableDocument, match=bad.split(".", maxsplit=1)[0]):
        library.add([good[0], tmp_path / bad, good[1]])
    assert state(library) == before
    assert generations(library) == folders
    assert library.verify() == ()


def test_ids_are_each_used_once(library: Library, tmp_path: Path) -> None:
    before = state(library)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = [write(tmp_path / "a", "same", "甲。乙。"), write(tmp_path / "b", "same", "丙。丁。")]
    with pytest.raises(BadInput, match="同一个编号：same"):
        library.add(files)
    with pytest.raises(BadInput, match="tax 是自带文件"):
        library.add([write(tmp_path, "tax", "甲。乙。")])
    assert state(library) == before


def test_removing_is_all_or_nothing(library: Library) -> None:
    before = state(library)
    with pytest.raises(UnknownDocument, match="none"):
        library.remove(["tax", "none"])
    assert state(library) == before
    assert library.remove(["tax", "tax"]).removed == ("tax",)


def test_a_removed_shipped_document_comes_back_with_the_next_build(library: Library) -> None:
    before = search(library)
    library.remove(["tax"])
    assert library.build().put == ("tax",)
    assert search(library) == before


def test_everything_can_be_removed(library: Library) -> None:
    library.remove(["tax", "ads"])
    assert library.status() == ()
    assert search(library) == []
    assert library.verify() == ()


def test_a_users_document_survives_a_build(library: Library, corpus: Path, tmp_path: Path) -> None:
    library.add([write(tmp_path, "mine", "财政贴息。给予贴息。")])
    ship(corpus, "new", notice("新办法", "统计局。报送数据。"))
    assert library.build() == Change(put=("new",), unchanged=("ads", "tax", "mine"), reindexed=True)
    assert [s.id for s in library.status()] == ["ads", "new", "tax", "mine"]


def test_a_document_gone_from_the_corpus_goes_from_the_index(library: Library, corpus: Path) -> None:
    (corpus / "ads.yaml").unlink()
    assert library.build() == Change(removed=("ads",), unchanged=("tax",), reindexed=True)


def test_only_what_changed_is_embedded_anew(library: Library, corpus: Path, tmp_path: Path) -> None:
    ship(corpus, "tax", OPENING["tax"].replace("三个月", "六个月"))
    assert library.build().put == ("tax",)
    (text,) = embedded(library)
    assert "六个月" in text
    # The same words in another document need no vector of their own.
    (tmp_path / "copy.txt").write_text(OPENING["tax"].replace("三个月", "六个月"), encoding="utf-8")
    library.add([tmp_path / "copy.txt"])
    assert embedded(library) == []


def test_corrections_and_metadata_beside_a_document_count_as_its_change(
    library: Library, corpus: Path
) -> None:
    (corpus / "tax.yaml").write_text("id: tax\ntitle: 新标题\nsource: 测试\n", encoding="utf-8")
    assert library.build().put == ("tax",)
    assert [s.title for s in library.status()] == ["云岭市广告办法", "新标题"]


def test_new_knowledge_reads_all_documents_again(
    library: Library, corpus: Path, tmp_path: Path, open_library: OpenLibrary
) -> None:
    library.add([write(tmp_path, "mine", "财政贴息。给予贴息。")])
    with (corpus / "departments.yaml").open("a", encoding="utf-8") as file:
        file.write("\n# 新注\n")
    assert set(open_library().build().put) == {"ads", "tax", "mine"}


def test_new_terms_or_another_embedder_build_the_indexes_again(
    corpus: Path, library: Library, open_library: OpenLibrary
) -> None:
    (corpus / "terms.txt").write_text("户外广告\n", encoding="utf-8")
    assert open_library().build() == Change(unchanged=("ads", "tax"), reindexed=True)
    other = open_library()
    other.__dict__["embedder"] = HashEmbedder(32)
    assert "词典或向量模型已经更换" in other.verify(repair=False)
    assert other.build().reindexed
    assert len(embedded(other)) == 4
    assert other.verify() == ()


class Failing(HashEmbedder):
    """An embedder that breaks down halfway."""

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise MemoryError


def test_a_failure_while_indexing_leaves_the_old_index(library: Library, tmp_path: Path) -> None:
    before, folders = state(library), generations(library)
    good, library.__dict__["embedder"] = library.embedder, Failing()
    with pytest.raises(MemoryError):
        library.add([write(tmp_path, "mine", "财政贴息。给予贴息。")])
    library.__dict__["embedder"] = good
    assert state(library) == before
    assert generations(library) == folders


def test_no_more_than_two_generations_stay(library: Library, tmp_path: Path) -> None:
    for n in range(4):
        library.add([write(tmp_path, "mine", f"第{n}次。给予贴息。")])
    assert len(generations(library)) == 2
    assert index_folder(library).name in generations(library)


def test_a_reader_that_was_open_before_keeps_answering(library: Library, tmp_path: Path) -> None:
    folder = index_folder(library)
    lexical = LexicalIndex(folder / "lexical", library.tokenizer)
    dense = DenseIndex(folder / "dense")
    vector = library.embedder.embed_query("房屋租金")
    before = lexical.search("房屋租金", 5), dense.search(vector, 5)
    for n in range(3):  # the generation's folder is gone after the second
        library.add([write(tmp_path, "mine", f"房屋租金第{n}次。给予贴息。")])
        assert (lexical.search("房屋租金", 5), dense.search(vector, 5)) == before
    dense.close()


# Faults


def _index_files(library: Library) -> list[Path]:
    return sorted(file for file in index_folder(library).rglob("*") if file.is_file())


@pytest.mark.parametrize("part", ["lexical", "dense", ""])
def test_a_deleted_index_is_found_and_rebuilt(library: Library, part: str) -> None:
    before = search(library)
    shutil.rmtree(index_folder(library) / part)
    assert len(library.verify(repair=False)) >= 1
    assert library.verify()
    assert library.verify() == ()
    assert search(library) == before


@pytest.mark.parametrize(
    "harm",
    ["garbled", "deleted", *(pytest.param(harm, marks=pytest.mark.slow) for harm in ("emptied", "halved"))],
)
def test_a_damaged_index_file_is_found_or_does_no_harm(library: Library, harm: str) -> None:
    before = search(library)
    names = [file.relative_to(index_folder(library)) for file in _index_files(library)]
    kinds = {str(name): name for name in names if not name.name.endswith(".lock")}
    for name in kinds.values():
        # Names differ from build to build; the same kind of file is harmed.
        files = [
            f
            for f in _index_files(library)
            if f.suffix == name.suffix and f.parent.name[:3] == name.parent.name[:3]
        ]
        file = next((f for f in files if f.name == name.name), files[0] if files else None)
        if file is None:
            continue
        content = file.read_bytes()
        harmed = {
            "emptied": b"",
            "halved": content[: len(content) // 2],
            "garbled": bytes(byte ^ 0x5A for byte in content),
        }.get(harm)
        if harmed is None:
            file.unlink()
        else:
            file.write_bytes(harmed)
        faults = library.verify()
        assert all("\n" not in fault for fault in faults)
        assert search(library) == before, f"{harm} {name}: {faults}"
        assert library.verify() == ()


def test_a_build_finds_and_mends_what_is_damaged(library: Library) -> None:
    before = search(library)
    shutil.rmtree(index_folder(library) / "dense")
    assert library.build().reindexed
    assert search(library) == before


def test_indexes_of_other_documents_are_found(library: Library, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(index_folder(library), old)
    library.add([write(tmp_path, "mine", "财政贴息。给予贴息。")])
    serving = index_folder(library)
    shutil.rmtree(serving)
    shutil.copytree(old, serving)
    assert library.verify() == ("词汇索引与目录不一致", "向量索引与目录不一致")
    assert library.verify() == ()


def test_nothing_built_yet(open_library: OpenLibrary) -> None:
    library = open_library()
    for read in (library.status, library.verify, lambda: library.remove(["tax"])):
        with pytest.raises(NoIndex, match="build"):
            read()


@pytest.mark.parametrize("harm", ["garbage", "emptied", "header", "middle", "cut"])
def test_a_damaged_catalogue_is_said_and_built_anew(
    library: Library, open_library: OpenLibrary, harm: str
) -> None:
    before = search(library)
    library.close()
    file = library.settings.data / "catalogue.sqlite3"
    for log in ("-wal", "-shm"):
        file.with_name(file.name + log).unlink(missing_ok=True)
    content = bytearray(file.read_bytes())
    if harm == "garbage":
        content = bytearray(b"not a database" * 1000)
    elif harm == "emptied":
        content = bytearray()
    elif harm == "header":
        content[:100] = bytes(100)
    elif harm == "middle":
        content[4096 : len(content) - 100] = b"\xa5" * (len(content) - 4196)
    else:
        content = content[: len(content) // 2]
    file.write_bytes(content)
    reopened = open_library()
    with pytest.raises(NoIndex, match="build"):
        reopened.status()
    reopened.build()
    assert search(reopened) == before
    assert reopened.verify() == ()


def test_a_damaged_catalogue_is_set_aside_not_thrown_away(
    library: Library, open_library: OpenLibrary
) -> None:
    library.close()
    (library.settings.data / "catalogue.sqlite3").write_bytes(b"broken" * 1000)
    open_library().build()
    (kept,) = library.settings.data.glob("broken-*-catalogue.sqlite3")
    assert kept.read_bytes() == b"broken" * 1000


def test_a_corpus_without_documents_or_knowledge(tmp_path: Path) -> None:
    library = quick_library(tmp_path / "data", tmp_path / "none")
    with pytest.raises(BadInput, match="没有找到自带文件"):
        library.build()
    corpus = make_corpus(tmp_path / "corpus", OPENING)
    (corpus / "duty_patterns.yaml").write_text("patterns: [", encoding="utf-8")
    library = quick_library(tmp_path / "data", corpus)
    with pytest.raises(BrokenKnowledge, match="duty_patterns"):
        library.build()
    (corpus / "tax.yaml").write_text("kind: copy\n", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match="kind"):
        library.build()


# Random changes against a model

_CLAUSES = st.lists(
    st.sampled_from(["房屋租金。免收三个月。", "发放补贴。按月发放。", "户外广告申请。提交材料。", "统计局。报送数据。"]),
    min_size=1, max_size=3, unique=True,
)  # fmt: skip
_IDS = st.sampled_from(["one", "two", "three"])


class Changes(RuleBasedStateMachine):
    """Adding, replacing, removing and damaging in any order, compared with a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = Path(tempfile.mkdtemp(prefix="policyqa-"))
        self.corpus = make_corpus(self.folder / "corpus", {"tax": OPENING["tax"]})
        self.library = quick_library(self.folder / "data", self.corpus)
        self.model: dict[str, int] = {}

    @initialize()
    def build_first(self) -> None:
        self.library.build()
        self.model = {"tax": 2}

    @rule(document_id=_IDS, clauses=_CLAUSES)
    def add(self, document_id: str, clauses: list[str]) -> None:
        self.library.add([write(self.folder, document_id, *clauses)])
        self.model[document_id] = len(clauses)

    @rule(document_id=_IDS)
    def remove(self, document_id: str) -> None:
        if document_id in self.model:
            self.library.remove([document_id])
            del self.model[document_id]
        else:
            with pytest.raises(UnknownDocument):
                self.library.remove([document_id])

    @rule()
    def build(self) -> None:
        assert not self.library.build().put

    @rule(part=st.sampled_from(["lexical", "dense"]))
    def lose_an_index(self, part: str) -> None:
        shutil.rmtree(index_folder(self.library) / part)
        assert self.library.verify()

    @rule()
    def reopen(self) -> None:
        self.library.close()
        self.library = quick_library(self.folder / "data", self.corpus)

    @invariant()
    def the_index_holds_what_the_model_holds(self) -> None:
        if not self.model:
            return
        assert {s.id: s.clauses for s in self.library.status()} == self.model
        folder = index_folder(self.library)
        expected = {f"{document_id}#{n}" for document_id, count in self.model.items() for n in range(count)}
        assert LexicalIndex(folder / "lexical", self.library.tokenizer).keys() == expected
        dense = DenseIndex(folder / "dense")
        assert set(dense.digests()) == expected
        assert len(dense) == len(expected)
        dense.close()
        assert len(generations(self.library)) <= 2

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)


TestChanges = pytest.mark.slow(Changes.TestCase)
TestChanges.settings = settings(max_examples=8, stateful_step_count=8, deadline=None)
