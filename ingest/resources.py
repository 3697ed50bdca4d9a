"""What reading documents and answering questions both need: the bodies, the words, the vectors."""

from __future__ import annotations

from functools import cached_property

from ingest.departments import Directory, load_directory
from ingest.embedder import Embedder, open_embedder
from ingest.settings import Settings
from ingest.tokens import Tokenizer, read_terms


class Resources:
    """Parts made from the settings on first use and then kept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def directory(self) -> Directory:
        """The known public bodies."""
        return load_directory(self.settings.corpus / "departments.yaml", self.settings.today.year)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Search words, with bodies and policy terms kept whole."""
        names = [name for department in self.directory.departments for name in department.written]
        return Tokenizer([*names, *read_terms(self.settings.corpus / "terms.txt")])

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model named in the settings, or the shipped one."""
        return open_embedder(self.settings.embedder, allow_download=self.settings.allow_download)
