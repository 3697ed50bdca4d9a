"""The index under several processes: killed writers, writers at the same time, readers beside a writer."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEmbedder
from ingest_samples import CORPUS, index_folder, notice, quick_library

from ingest.errors import NoIndex
from ingest.library import Library
from ingest.settings import ROOT
from ingest.stores.dense import DenseIndex
from ingest.stores.lexical import LexicalIndex

HERE = Path(__file__).parent
SHIPPED = {
    "tax": notice(
        "云岭市支持办法", "减免房屋租金。免收国有房屋租金三个月。", "发放稳岗补贴。对不裁员企业发放补贴。"
    ),
    "ads": notice("云岭市广告办法", "设置户外广告。应当提交申请表。", "拆除。逾期不拆的,依法拆除。"),
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("departments.yaml", "duty_patterns.yaml", "terms.txt"):
        shutil.copy(CORPUS / name, folder)
    for name, text in SHIPPED.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        (folder / f"{name}.yaml").write_text(f"id: {name}\n", encoding="utf-8")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for n in range(3):
        clauses = [f"第{n}号房屋租金{m}。免收{m}个月租金。" for m in range(n + 2)]
        (folder / f"mine{n}.txt").write_text(notice(f"第{n}号办法", *clauses), encoding="utf-8")
    return folder


class Writer:
    """A writing process of our own, ready to begin."""

    def __init__(self, data: Path, corpus: Path, files: Path, turns: int) -> None:
        path = os.pathsep.join((str(ROOT), str(HERE), str(HERE.parent)))
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "writing_process.py"), str(data), str(corpus), str(files), str(turns)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip

    def begin(self) -> None:
        assert self.process.stdout is not None and self.process.stdin is not None
        line = self.process.stdout.readline()
        assert line == "ready\n", self.process.communicate()
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def finish(self) -> None:
        out, err = self.process.communicate(timeout=120)
        assert (self.process.returncode, out) == (0, "done\n"), err

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=60)


@pytest.fixture
def library(tmp_path: Path, corpus: Path) -> Iterator[Library]:
    opened = quick_library(tmp_path / "data", corpus)
    yield opened
    opened.close()


def check_whole(library: Library) -> list[tuple[str, int]]:
    """That catalogue and indexes hold the same, and that searching works; what is held."""
    folder = index_folder(library)
    lexical, dense = LexicalIndex(folder / "lexical", library.tokenizer), DenseIndex(folder / "dense")
    with library.catalogue.reading() as reader:
        expected = {passage.key: passage.digest for passage in reader.passages()}
        assert expected
    assert lexical.keys() == set(expected)
    assert dense.digests() == expected
    assert lexical.search("租金", 3)
    assert dense.search(HashEmbedder().embed_query("租金"), 3)
    dense.close()
    return [(status.id, status.clauses) for status in library.status()]


def check_killed_writers(library: Library, corpus: Path, files: Path, kills: int, seed: int) -> None:
    moments = random.Random(seed)
    for kill in range(kills):
        writer = Writer(library.settings.data, corpus, files, turns=50)
        writer.begin()
        time.sleep(moments.uniform(0.0, 0.7))
        writer.kill()
        # The old or the new state answers, without any repair…
        try:
            held = check_whole(library)
        except NoIndex:
            assert kill == 0 or library.catalogue.readable()  # killed before the first build was done
            held = []
        assert dict(held).items() <= {"tax": 2, "ads": 2, "mine0": 2, "mine1": 3, "mine2": 4}.items()
        # …and the next writer succeeds at once.
        library.build()
        assert {"tax", "ads"} <= dict(check_whole(library)).keys()
        assert library.verify() == ()
        assert len(list((library.settings.data / "indexes").iterdir())) <= 2


@pytest.mark.slow
def test_a_killed_writer_leaves_an_index_that_answers(library: Library, corpus: Path, files: Path) -> None:
    check_killed_writers(library, corpus, files, kills=2, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_many_killed_writers(library: Library, corpus: Path, files: Path, seed: int) -> None:
    check_killed_writers(library, corpus, files, kills=8, seed=seed)


@pytest.mark.slow
def test_two_writers_both_succeed_while_a_reader_keeps_answering(
    library: Library, corpus: Path, files: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    others.mkdir()
    (others / "theirs.txt").write_text(notice("别的办法", "房屋租金。免收。"), encoding="utf-8")
    # Both begin with the first build of an index that is not there yet.
    writers = [Writer(library.settings.data, corpus, folder, turns=1) for folder in (files, others)]
    for writer in writers:
        writer.begin()
    answered = 0
    while any(writer.process.poll() is None for writer in writers):
        try:
            with library.catalogue.reading() as reader:
                name = reader.state("generation")
                keys = {passage.key for passage in reader.passages()}
                assert name is not None
                held = LexicalIndex(library.settings.data / "indexes" / name / "lexical", library.tokenizer)
                assert held.keys() == keys
                answered += 1
        except NoIndex:
            assert answered == 0, "an index that once answered stopped doing so"
    for writer in writers:
        writer.finish()
    assert answered
    expected = {"ads": 2, "tax": 2, "mine0": 2, "mine1": 3, "mine2": 4, "theirs": 1}
    assert dict(check_whole(library)) == expected
    assert not list(library.settings.data.glob("broken-*"))
