"""The index of the shipped documents: built once for all workers of a test run, copied for whoever needs one."""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock

from ingest.library import Library
from ingest.settings import Settings

# Where the workers of this run share it; set by tests/conftest.py. Without one each caller builds its own.
root: Path | None = None


def copy_to(data: Path) -> Path:
    """`data` with the index in it, to be used or changed at will."""
    if root is None:
        _build(data)
        return data
    shared, whole = root / "shipped", root / "shipped-whole"
    with FileLock(root / "shipped.lock"):
        if not whole.exists():
            _build(shared)
            whole.touch()
    return Path(shutil.copytree(shared, data, dirs_exist_ok=True))


def _build(data: Path) -> None:
    library = Library(Settings(_env_file=None, data=data, profile="extractive"))  # type: ignore[call-arg]
    try:
        library.build()
    finally:
        library.close()
