"""A process that writes to an index until it is killed or done: python writing_process.py DATA CORPUS FILES TURNS

Says `ready` once everything is loaded, begins at the first line on its input, and says `done` at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

import chromadb  # noqa: F401 (loaded before `ready`, so that the time of a kill falls into the writing)
from ingest_samples import quick_library


def main() -> None:
    data, corpus, files, turns = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    library = quick_library(data, corpus)
    print("ready", flush=True)
    sys.stdin.readline()
    for turn in range(turns):
        library.build()
        for file in sorted(files.iterdir()):
            library.add([file])
        if turn % 2:
            library.remove([file.stem for file in sorted(files.iterdir())][:1])
    print("done", flush=True)


if __name__ == "__main__":
    main()
