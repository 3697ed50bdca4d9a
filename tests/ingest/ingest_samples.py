"""What the tests of ingestion share: the shipped knowledge, small documents, and a quick library."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fakes import HashEmbedder

from ingest.departments import Directory, load_directory
from ingest.duties import DutyGrammar, load_grammar
from ingest.library import Library
from ingest.parse import parse
from ingest.settings import ROOT, Settings
from ingest.stores.generations import generation_folder
from ingest.tokens import Tokenizer
from ingest.types import Document, Metadata, ParsedDocument

CORPUS = ROOT / "corpus"
POLICY = "gansu-etdz-2015"
POLICY_FILE = CORPUS / f"{POLICY}.txt"


@cache
def grammar() -> DutyGrammar:
    """The shipped wordings of responsibility."""
    return load_grammar(CORPUS / "duty_patterns.yaml")


@cache
def directory() -> Directory:
    """The shipped bodies."""
    return load_directory(CORPUS / "departments.yaml")


@cache
def tokenizer() -> Tokenizer:
    """Search words with a few terms kept whole; loading jieba's dictionary once is enough."""
    return Tokenizer(["国家级经开区", "飞地经济", "省发展改革委"])


def parse_text(text: str, document_id: str = "sample") -> ParsedDocument:
    """A text's clauses, with the shipped wordings."""
    return parse(Document(id=document_id, text=text, metadata=Metadata(title="")), grammar())


def make_settings(data: Path, corpus: Path = CORPUS) -> Settings:
    """Settings from the arguments alone."""
    return Settings(_env_file=None, data=data, corpus=corpus)  # type: ignore[call-arg]


def quick_library(data: Path, corpus: Path = CORPUS) -> Library:
    """A real library whose vectors come from a fake embedder."""
    library = Library(make_settings(data, corpus))
    library.__dict__["embedder"] = HashEmbedder()
    library.__dict__["tokenizer"] = tokenizer()
    return library


def notice(title: str, *clauses: str) -> str:
    """A small document: its title, an opening, and clauses numbered 一、二、…"""
    numbers = "一二三四五六七八九十"
    body = "\n\n".join(f"  {n}、{clause}" for n, clause in zip(numbers, clauses, strict=False))
    return f"{title}\n\n各县区人民政府:\n\n  现将有关事项通知如下。\n\n{body}\n\n  云岭市人民政府\n\n  2023年5月6日\n"


def index_folder(library: Library) -> Path:
    """Where the serving indexes lie."""
    with library.catalogue.reading() as reader:
        name = reader.state("generation")
    assert name is not None
    return generation_folder(library.settings.data, name)
