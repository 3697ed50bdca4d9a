"""One consistent state of the index for each question, while others change it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rag_samples import MEASURES, SEED, articles, check_answer, documents, write_documents

from ingest.errors import NoIndex
from ingest.library import Library
from ingest.settings import Settings
from ingest.stores.catalogue import Catalogue
from rag.build import Assistant, open_assistant
from rag.types import Status

Make = Callable[..., Settings]


@pytest.fixture
def own(policy_data: Path, tmp_path: Path, make_settings: Make) -> Settings:
    """Settings of a copy of the index that a test may change."""
    return make_settings(Path(shutil.copytree(policy_data, tmp_path / "data")))


@pytest.fixture
def library(own: Settings) -> Iterator[Library]:
    opened = Library(own)
    yield opened
    opened.close()


@pytest.fixture
def opened(own: Settings) -> Iterator[Assistant]:
    with open_assistant(own) as assistant:
        yield assistant


def generation(settings: Settings) -> Path:
    """The folder of the serving generation."""
    catalogue = Catalogue(settings.database_url)
    with catalogue.reading() as reader:
        name = reader.state("generation")
    catalogue.close()
    assert name is not None
    return settings.data / "indexes" / name


def test_a_new_document_is_seen_at_the_next_question_and_gone_after_removal(
    opened: Assistant, library: Library, tmp_path: Path
) -> None:
    question = "小微企业首贷贴息由谁牵头?"
    assert MEASURES not in documents(opened.ask([question]))
    library.add(write_documents(tmp_path)[:1])
    assert documents(opened.ask([question])) == {MEASURES}
    assert opened.ask(["市财政局牵头哪几条？"]).departments.lead == ("市财政局",)
    library.remove([MEASURES])
    assert MEASURES not in documents(opened.ask([question]))
    assert opened.ask(["市财政局牵头哪几条？"]).status is Status.NO_SUCH_ROLE


@pytest.mark.slow
def test_a_conversation_goes_on_over_a_change(opened: Assistant, library: Library, tmp_path: Path) -> None:
    from rag.context import Focus

    first = opened.turn("第十四条谁牵头", Focus())
    library.add(write_documents(tmp_path))
    assert articles(opened.turn("那配合的呢?", first.focus).answer) == [14]
    about_city = opened.turn("云政发〔2022〕8号第二条", Focus())
    library.remove([MEASURES])
    gone = opened.turn("那配合的呢?", about_city.focus).answer
    check_answer(opened, gone)
    assert MEASURES not in documents(gone)


def test_a_snapshot_stays_as_it_was(opened: Assistant, library: Library, tmp_path: Path) -> None:
    with opened._index.snapshot() as before:
        library.add(write_documents(tmp_path))
        assert len(before.primary) == 1 and len(before.catalogue.clauses(SEED)) == 24
        hits = opened.knowledge.retriever.search(before, "贴息", 50)
        assert {hit.clause.document_id for hit in hits} == {"gansu-etdz-2015"}
    assert len([d for d in opened.documents() if not d.document.metadata.relation]) == 3


@pytest.mark.slow
def test_questions_are_answered_while_the_index_changes(
    opened: Assistant, library: Library, tmp_path: Path
) -> None:
    files = write_documents(tmp_path)
    done = threading.Event()
    faults: list[BaseException] = []

    def keep_asking() -> None:
        try:
            while not done.is_set():
                answer = opened.ask(["国家级经开区基础设施项目贷款贴息由谁牵头?"])
                assert articles(answer) == [14] and answer.departments.lead == ("省财政厅",)
                # Its document comes and goes; either way there is an answer.
                assert opened.ask(["小微企业首贷贴息由谁牵头?"]).text
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        library.add(files[:1])
        library.add(files[1:])
        library.build()
        library.remove([MEASURES])
        library.add(files[:1])
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not faults
    assert len([d for d in opened.documents() if not d.document.metadata.relation]) == 3


def test_a_half_written_index_is_one_clear_line(own: Settings) -> None:
    shutil.rmtree(generation(own))
    with pytest.raises(NoIndex, match="python -m ingest") as caught:
        open_assistant(own)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", ["lexical", "dense"])
def test_an_index_without_one_of_its_stores_is_one_clear_line(own: Settings, part: str) -> None:
    shutil.rmtree(generation(own) / part)
    with pytest.raises(NoIndex, match="python -m ingest"):
        open_assistant(own)


@pytest.mark.slow
def test_a_half_written_index_is_repaired_by_a_build(own: Settings, library: Library) -> None:
    shutil.rmtree(generation(own))
    library.build()
    with open_assistant(own) as assistant:
        assert articles(assistant.ask(["第十四条"])) == [14]


def test_an_open_assistant_outlives_the_folder_it_serves_from(opened: Assistant, own: Settings) -> None:
    assert articles(opened.ask(["贷款贴息由谁牵头?"])) == [14]
    catalogue = own.data / "catalogue.sqlite3"
    catalogue.rename(catalogue.with_suffix(".away"))
    with pytest.raises(NoIndex, match="python -m ingest build"):
        opened.ask(["贷款贴息由谁牵头?"])
    catalogue.with_suffix(".away").rename(catalogue)
    assert articles(opened.ask(["贷款贴息由谁牵头?"])) == [14]


def test_no_index_at_all_makes_no_files(tmp_path: Path, make_settings: Make) -> None:
    with pytest.raises(NoIndex, match="python -m ingest build"):
        open_assistant(make_settings(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_two_assistants_read_one_index(opened: Assistant, own: Settings) -> None:
    with open_assistant(own) as second:
        assert second.ask(["第十四条"]).text == opened.ask(["第十四条"]).text
