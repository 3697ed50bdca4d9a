"""Index folders: each build writes a new one; the catalogue's commit switches to it.

    data/
      catalogue.sqlite3     documents and the name of the serving generation
      indexes/<generation>/ lexical/, dense/ and files.json with their digests, never changed once serving
      write.lock            held by the one process that writes

A crash before the commit leaves the old generation serving and a stray folder that the next
writer removes. A reader keeps its generation until its next question.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import BadInput, IndexBusy

_LOCK_WAIT_S = 20.0
_SEAL = "files.json"


@contextmanager
def writer_lock(data: Path) -> Iterator[None]:
    """Be the only writer; raises IndexBusy when another one does not finish soon."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = FileLock(data / "write.lock", timeout=_LOCK_WAIT_S)
        with lock:
            yield
    except Timeout:
        raise IndexBusy("另一个程序正在更新索引，请稍后再试") from None
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise BadInput(f"{data}：不能写入索引目录（{error.strerror}）") from None


def new_generation(data: Path) -> tuple[str, Path]:
    """A name and a folder (not made yet) for the next generation."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    return name, generation_folder(data, name)


def generation_folder(data: Path, name: str) -> Path:
    """Where a generation's indexes lie."""
    return data / "indexes" / name


def seal(folder: Path) -> None:
    """Write down what the files of a finished generation hold, so that damage shows later."""
    (folder / _SEAL).write_text(json.dumps(_digests(folder), indent=0), encoding="utf-8")


def damaged(folder: Path) -> tuple[str, ...]:
    """The files of a generation that are not as they were sealed: lexical/meta.json."""
    try:
        sealed = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return (_SEAL,)
    held = _digests(folder)
    return tuple(sorted(name for name in {*sealed, *held} if sealed.get(name) != held.get(name)))


def _digests(folder: Path) -> dict[str, str]:
    # Locks come and go, and Chroma writes to its own files whenever it opens them.
    files = [
        file for file in folder.glob("*/*") if file.is_file() and not file.name.startswith((".", "chroma"))
    ]
    found = {}
    for file in files:
        with file.open("rb") as stream:
            found[file.relative_to(folder).as_posix()] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def remove_stray_generations(data: Path, keep: set[str]) -> None:
    """Delete generations that neither serve nor served last; readers may still hold the latter."""
    folder = data / "indexes"
    if not folder.is_dir():
        return
    for child in folder.iterdir():
        if child.name not in keep:
            with contextlib.suppress(OSError):
                shutil.rmtree(child)
