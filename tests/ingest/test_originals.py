"""An original takes its digest's place, and gives it back: added from a file, fetched, and removed again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ingest_samples import CORPUS, POLICY, parse_text, quick_library

from ingest.errors import BadInput
from ingest.library import Change, Library
from ingest.sources import added_source, digest_sources, in_place_of, original_of
from ingest.types import Document, Metadata

# One worker keeps the one library that these tests share.
pytestmark = pytest.mark.xdist_group("originals")

DIGEST = "guobanfa-2016-14"
DIGESTS = (DIGEST, "guobanfa-2014-54", "mofcom-evaluation-2021")
NUMBER = "国办发〔2016〕14号"
TITLE = "国务院办公厅关于完善国家级经济技术开发区考核制度促进创新驱动发展的指导意见"
ADDRESS = "https://www.gov.cn/zhengce/content/2016-04/01/content_5060345.htm"

# Invented: only number, title and two headings are those of the real document.
ORIGINAL = f"""{TITLE}

{NUMBER}

各省、自治区、直辖市人民政府,国务院各部委、各直属机构:

  为检验本程序的测试,现提出以下假想的意见。

  一、总体要求

  (一)坚持以对外开放为引领。测试文字甲,鼓励园区栽种蓝莓。

  (二)坚持以科技创新为动力。测试文字乙,鼓励园区放飞风筝。

  二、具体安排

  (三)另起的标题。测试文字丙,由测试单位安排。

  (四)坚持以体制创新为保障。测试文字丁,条号不同。

  (五)坚持以考核评价为导向。测试文字戊。

  国务院办公厅

  2016年3月16日
"""


@dataclass
class Shelf:
    """A built library, and a folder to put files in."""

    library: Library
    folder: Path

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def put(self, text: str = ORIGINAL, document_id: str | None = None) -> Change:
        return self.library.add([self.write("mine.txt", text)], document_id)

    def metadata(self, document_id: str = DIGEST) -> Metadata:
        with self.library.catalogue.reading() as reader:
            return reader.document(document_id).document.metadata

    def origin(self, document_id: str = DIGEST) -> str:
        (status,) = [status for status in self.library.status() if status.id == document_id]
        return status.origin

    def asked(self, document_id: str = DIGEST) -> dict[str, tuple[str, ...]]:
        """The expected questions of a document's clauses by label."""
        with self.library.catalogue.reading() as reader:
            return {c.clause.label: c.questions for c in reader.clauses(document_id)}

    def whole(self) -> dict[str, tuple[object, ...]]:
        """All documents as `ingest status` shows them."""
        return {s.id: (s.title, s.number, s.origin, s.clauses) for s in self.library.status()}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The policy with three digests, built; every test leaves it as it found it."""
    folder = tmp_path_factory.mktemp("library")
    for name in (
        "departments.yaml", "duty_patterns.yaml", "terms.txt", f"{POLICY}.txt", f"{POLICY}.yaml",
        *(f"digests/{name}.yaml" for name in DIGESTS), f"questions/{DIGEST}.jsonl",
    ):  # fmt: skip
        (folder / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CORPUS / name, folder / "corpus" / name)
    library = quick_library(folder / "data", folder / "corpus")
    library.build()
    yield library
    library.close()


@pytest.fixture
def shelf(library: Library, tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(library, tmp_path)
    before = shelf.whole()
    yield shelf
    held = shelf.whole()
    changed = [document_id for document_id in held if before.get(document_id) != held[document_id]]
    if changed:
        library.remove(changed)
    library.build()
    assert shelf.whole() == before


def test_the_original_takes_the_digests_place(shelf: Shelf) -> None:
    documents = len(shelf.whole())
    assert shelf.origin() == "digest"
    assert shelf.put() == Change(put=(DIGEST,), reindexed=True)
    assert shelf.whole()[DIGEST] == (TITLE, NUMBER, "added", 5)
    assert len(shelf.whole()) == documents
    assert shelf.library.verify(repair=False) == ()


def test_what_is_known_around_the_text_stays(shelf: Shelf) -> None:
    before = shelf.metadata()
    shelf.put()
    now = shelf.metadata()
    assert (before.kind, now.kind) == ("digest", "original")
    assert now.source == "用户添加的文件 mine.txt"
    assert (now.relation, now.address, now.validity) == ("successor", ADDRESS, "未见废止(未核对)")
    assert (now.also_called, now.note) == (before.also_called, before.note)
    assert now.unverified == ()


def test_the_words_of_the_original_are_what_is_held(shelf: Shelf) -> None:
    shelf.put()
    with shelf.library.catalogue.reading() as reader:
        text = reader.document(DIGEST).document.text
        clauses = [stored.clause for stored in reader.clauses(DIGEST)]
    assert [clause.article for clause in clauses] == [1, 2, 3, 4, 5]
    assert all(text[clause.start : clause.end] == clause.text for clause in clauses)
    assert "栽种蓝莓" in clauses[0].text and "提要" not in text


def test_building_again_keeps_the_original(shelf: Shelf) -> None:
    shelf.put()
    before = shelf.whole(), shelf.asked()
    change = shelf.library.build()
    assert (change.put, change.removed, change.reindexed) == ((), (), False)
    assert DIGEST in change.unchanged
    assert (shelf.whole(), shelf.asked()) == before
    assert shelf.put() == Change(unchanged=(DIGEST,), reindexed=False)


def test_questions_are_kept_where_number_and_heading_agree(shelf: Shelf) -> None:
    digest = shelf.asked()
    assert all(len(digest[label]) >= 20 for label in ("(一)", "(二)", "(三)", "(四)"))
    shelf.put()
    original = shelf.asked()
    assert {label: original[label] for label in ("(一)", "(二)")} == {
        label: digest[label] for label in ("(一)", "(二)")
    }
    # (三) has another heading, (四) and (五) the headings of other numbers.
    assert [original[label] for label in ("(三)", "(四)", "(五)")] == [(), (), ()]


def test_a_changed_original_replaces_the_first(shelf: Shelf) -> None:
    shelf.put()
    assert shelf.put(ORIGINAL.replace("蓝莓", "草莓")).put == (DIGEST,)
    with shelf.library.catalogue.reading() as reader:
        assert "草莓" in reader.document(DIGEST).document.text


def test_new_knowledge_reads_the_original_again_in_its_place(shelf: Shelf) -> None:
    shelf.put()
    before = shelf.whole(), shelf.asked(), shelf.metadata()
    settings = shelf.library.settings
    file = settings.corpus / "departments.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n# 新注\n", encoding="utf-8")
    again = quick_library(settings.data, settings.corpus)
    assert DIGEST in again.build().put
    again.close()
    file.write_text(text, encoding="utf-8")
    assert (shelf.whole(), shelf.asked(), shelf.metadata()) == before


@pytest.mark.parametrize("how", ["added", "fetched"])
def test_removing_brings_the_digest_back(shelf: Shelf, how: str) -> None:
    before = shelf.whole(), shelf.asked(), shelf.metadata()
    if how == "added":
        shelf.put()
    else:
        shelf.library.put_original(shelf.write("fetched.txt", ORIGINAL), DIGEST, ADDRESS)
    assert shelf.origin() == how
    assert shelf.library.remove([DIGEST]) == Change(removed=(DIGEST,), reindexed=True)
    assert (shelf.whole(), shelf.asked(), shelf.metadata()) == before
    assert not shelf.library.build().reindexed


def test_another_id_keeps_the_file_a_document_of_its_own(shelf: Shelf) -> None:
    before = shelf.whole()
    assert shelf.put(document_id="mine").put == ("mine",)
    assert shelf.whole() == before | {"mine": (TITLE, NUMBER, "added", 5)}
    assert (shelf.metadata("mine").relation, shelf.metadata("mine").kind) == ("", "original")
    assert shelf.asked("mine")["(一)"] == ()
    shelf.library.remove(["mine"])
    assert shelf.whole() == before


def test_the_digests_id_said_outright_is_the_same(shelf: Shelf) -> None:
    assert shelf.put(document_id=DIGEST).put == (DIGEST,)
    assert shelf.metadata().relation == "successor"


def test_a_fetched_original_says_where_it_was_fetched(shelf: Shelf) -> None:
    file = shelf.write("fetched.txt", ORIGINAL)
    assert shelf.library.put_original(file, DIGEST, ADDRESS).put == (DIGEST,)
    metadata = shelf.metadata()
    assert shelf.origin() == "fetched"
    assert (metadata.kind, metadata.source) == ("original", f"官方网页 {ADDRESS}")
    assert (metadata.relation, metadata.number) == ("successor", NUMBER)
    assert len(shelf.asked()["(一)"]) >= 20
    assert shelf.library.build().unchanged.count(DIGEST) == 1
    assert shelf.origin() == "fetched"


def test_a_fetched_document_without_a_digest_is_a_document_of_its_own(shelf: Shelf) -> None:
    file = shelf.write("other.txt", ORIGINAL.replace(NUMBER, "国办发〔2016〕914号"))
    assert shelf.library.put_original(file, "guobanfa-2016-914", "https://www.gov.cn/x.htm").put
    assert shelf.origin("guobanfa-2016-914") == "fetched"
    assert shelf.origin() == "digest"


def test_an_original_is_not_put_in_the_policys_place(shelf: Shelf) -> None:
    with pytest.raises(BadInput, match="--id"):
        shelf.put(document_id=POLICY)
    assert shelf.origin(POLICY) == "corpus"


def test_one_file_of_several_may_be_an_original(shelf: Shelf) -> None:
    unrelated = ORIGINAL.replace(NUMBER, "云发〔2021〕9号").replace(TITLE, "云岭市关于放风筝的意见")
    files = [shelf.write("a.txt", ORIGINAL), shelf.write("b.txt", unrelated)]
    assert set(shelf.library.add(files).put) == {DIGEST, "b"}
    assert (shelf.origin(), shelf.origin("b")) == ("added", "added")


def test_two_files_of_one_original_are_not_both_taken(shelf: Shelf) -> None:
    files = [shelf.write("a.txt", ORIGINAL), shelf.write("b.txt", ORIGINAL.replace("蓝莓", "草莓"))]
    with pytest.raises(BadInput, match=DIGEST):
        shelf.library.add(files)
    assert shelf.origin() == "digest"


EVALUATION = "国家级经济技术开发区综合发展水平考核评价办法(2021年版)"


@pytest.mark.parametrize(
    ("title", "number", "found"),
    [
        (TITLE, NUMBER, DIGEST),
        ("另一个标题", NUMBER, DIGEST),
        # Where either has no number, the title tells; blanks and the width of brackets do not.
        (TITLE, None, DIGEST),
        (EVALUATION, None, "mofcom-evaluation-2021"),
        (EVALUATION.replace("(", "（").replace(")", "）"), "商资函〔2021〕999号", "mofcom-evaluation-2021"),
        ("深化国家级经济技术开发区改革创新以高水平开放引领高质量发展工作方案", None, "mofcom-plan-2025"),
        # Another number is another document, whatever it is called.
        (TITLE, "国办发〔2019〕14号", None),
        (TITLE, "国发〔2016〕14号", None),
        ("云岭市关于放风筝的意见", "云发〔2021〕9号", None),
        ("云岭市关于放风筝的意见", None, None),
        ("", None, None),
    ],
)
def test_which_digest_a_file_is_the_original_of(title: str, number: str | None, found: str | None) -> None:
    document = Document(id="mine", text="", metadata=Metadata(title=title, number=number))
    source = added_source(document, "added", Path("mine.txt"))
    digest = original_of(source, digest_sources(CORPUS))
    assert (digest.document.id if digest else None) == found


def test_what_a_file_says_of_itself_goes_before_what_the_digest_says() -> None:
    (digest,) = (d for d in digest_sources(CORPUS) if d.document.id == DIGEST)
    metadata = Metadata(title="题", number=NUMBER, note="本文的说明", issuer="某机关", source="某处")
    source = added_source(Document(id="mine", text="文", metadata=metadata), "added", Path("mine.txt"))
    placed = in_place_of(source, digest)
    told = placed.document.metadata
    assert (placed.document.id, placed.document.text, placed.origin) == (DIGEST, "文", "added")
    assert (told.title, told.issuer, told.source, told.note) == ("题", "某机关", "某处", "本文的说明")
    assert (told.kind, told.address) == ("original", ADDRESS)


def test_the_sample_is_read_as_it_is_meant() -> None:
    parsed = parse_text(ORIGINAL)
    assert [(c.article, c.heading) for c in parsed.clauses][:2] == [
        (1, "坚持以对外开放为引领"),
        (2, "坚持以科技创新为动力"),
    ]
