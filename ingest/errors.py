"""What can go wrong, as one tree.

PolicyQAError                exit 1   anything a user is told in one line
├── BadInput                 exit 2   the caller gave something that cannot be used
│   ├── UnreadableDocument            a file that holds no usable text
│   ├── UnknownDocument               an id that the index does not hold
│   ├── BrokenKnowledge               a data file in corpus/ that breaks its schema
│   ├── NoIndex                       the index is missing or cannot be read
│   ├── ModelMissing                  an embedding model that is not on this machine
│   └── ModelBroken                   an embedding model whose files cannot be read
├── FetchFailed              exit 1   an official page that was not downloaded (ingest/download.py)
└── IndexBusy                exit 1   another process is writing the index
"""

from __future__ import annotations


class PolicyQAError(Exception):
    """A failure with one plain line for the user."""

    exit_code = 1


class BadInput(PolicyQAError):
    """The caller gave something that cannot be used; nothing was changed."""

    exit_code = 2


class UnreadableDocument(BadInput):
    """A file without usable text: empty, binary, of an unknown format."""


class UnknownDocument(BadInput):
    """An id that the index does not hold."""


class BrokenKnowledge(BadInput):
    """A data file that breaks its schema; the message names file, place and fault."""


class NoIndex(BadInput):
    """The index is missing, half-written or of another version."""


class ModelMissing(BadInput):
    """An embedding model that is named in the settings but not on this machine."""


class ModelBroken(BadInput):
    """An embedding model whose files are cut short or do not belong together; the message names the file."""


class IndexBusy(PolicyQAError):
    """Another process holds the writer lock."""
