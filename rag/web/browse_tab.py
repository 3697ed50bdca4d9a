"""The tab 条款浏览: a document's outline, one article at a time, words looked up in it; opened from elsewhere at a clause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from ingest.errors import BadInput
from ingest.stores.catalogue import StoredDocument
from rag.around import currency_notes
from rag.build import Assistant
from rag.web.browse_html import found_html, outline_html, unit_html
from rag.web.openers import OPENING_JS, plain
from rag.web.outline import Book, Found, Unit, book_of
from rag.web.reading import Opens, document_name, fault_html, last, line_of, looking_html, quiet, todays_names
from rag.web.words import Words

_LONGEST_QUERY, _SHOWN_NUMBER = 100, 20
_BEFORE, _AFTER = "上一条", "下一条"
# The outline shows where one is; what was sought out comes into view, and takes a focus that would else be lost.
_CLAUSE_JS = """
const follow = () => {
  const outline = document.getElementById("pq-outline");
  const unit = element.querySelector(".pq-unit");
  if (!unit) return;
  for (const entry of outline.querySelectorAll("button.pq-open")) {
    entry.toggleAttribute("aria-current", false);
    if (entry.dataset.start !== unit.dataset.start) continue;
    entry.setAttribute("aria-current", "true");
    // The outline alone: scrollIntoView would move the page as well.
    const from = entry.getBoundingClientRect().top - outline.getBoundingClientRect().top;
    if (from < 0 || from > outline.clientHeight - 30) outline.scrollTop += from - outline.clientHeight / 2;
  }
  if (!("sought" in unit.dataset)) return;
  const top = unit.getBoundingClientRect().top;
  if (top < 0 || top > innerHeight * 0.6) unit.scrollIntoView({ block: "start" });
  if (document.activeElement === document.body) unit.querySelector("h3").focus({ preventScroll: true });
};
watch("value", follow);
follow();
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a visitor reads: a document, and the first character of the article shown."""

    document_id: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the tab shows next; None leaves a part as it is."""

    fault: str = ""
    documents: Any = None
    outline: str | None = None
    clause: str | None = None
    before: Any = None
    after: Any = None
    place: Place | None = None
    found: str | None = None
    query: str | None = None

    def outputs(self) -> tuple[Any, ...]:
        """In the order of the tab's outputs."""
        parts = (
            self.documents,
            self.outline,
            self.clause,
            self.before,
            self.after,
            self.place,
            self.found,
            self.query,
        )
        return (fault_html(self.fault) if self.fault else "", *(gr.skip() if p is None else p for p in parts))


class BrowseDesk:
    """Answers the tab's events; what cannot be shown is one line, and what was shown stays."""

    def __init__(self, desk: Opens) -> None:
        self._desk = desk
        self._words = desk.words

    def arrived(self, place: Place | None) -> View:
        """The documents to choose from; the first one's beginning where nothing is being read."""
        try:
            assistant = self._desk.assistant()
            documents = in_order(assistant.documents())
            held = [stored.document.id for stored in documents]
            if place is not None and place.document_id in held:
                return View(documents=self._choices(documents, place.document_id))
            if not held:
                raise BadInput(self._words("还没有收录文件"))
            return self._begun(assistant, held[0])
        except Exception as error:
            return View(fault=line_of(error, self._words))

    def chosen(self, document_id: str | None) -> View:
        """Another document from its beginning."""
        try:
            # What is chosen is not chosen again: by now it may be another one.
            return replace(self._begun(self._desk.assistant(), document_id or ""), documents=None)
        except Exception as error:
            return View(fault=line_of(error, self._words))

    def open_at(self, document_id: str, article: int | str | None = None, start: int | None = None) -> View:
        """A document at an article, by number or label, or at the clause holding a character (Citation.clause_start)."""
        try:
            assistant = self._desk.assistant()
            book = self._book(assistant, document_id)
            unit = None
            if start is not None:
                unit = book.at(start)
            elif article is not None:
                unit = book.numbered(article)
            if unit is None:
                told = self._begun(assistant, document_id)
                # Nothing asked for is no fault.
                return told if article is None else replace(told, fault=self._no_article(book, str(article)))
            return self._opened(assistant, book, unit)
        except Exception as error:
            return View(fault=line_of(error, self._words))

    def stepped(self, place: Place | None, step: int, query: str | None) -> View:
        """The article before or after the one shown."""
        try:
            assistant, book, unit = self._here(place)
            beside = book.beside(unit, step)
            if beside is None:
                return View()
            return self._unit(assistant, book, beside, query or "", sought=False)
        except Exception as error:
            return View(fault=line_of(error, self._words))

    def entered(self, place: Place | None, start: int, query: str | None) -> View:
        """An article of the outline, or of what was found."""
        try:
            assistant, book, _ = self._here(place)
            unit = book.at(start)
            return View() if unit is None else self._unit(assistant, book, unit, query or "")
        except Exception as error:
            return View(fault=line_of(error, self._words))

    def jumped(self, place: Place | None, told: str | None, query: str | None) -> View:
        """The article whose number was typed: 14, 十四, 第十四条."""
        try:
            assistant, book, _ = self._here(place)
            wanted = plain(told or "").strip()
            if not wanted:
                raise BadInput(self._words("请输入条号，比如 14 或者十四"))
            unit = book.numbered(wanted)
            if unit is None:
                raise BadInput(self._no_article(book, wanted))
            return self._unit(assistant, book, unit, query or "")
        except Exception as error:
            return View(fault=line_of(error, self._words))

    def sought(self, place: Place | None, query: str | None) -> View:
        """Where words stand in the document shown, the first of them opened; none: the marks go."""
        try:
            assistant, book, unit = self._here(place)
            wanted = _query(query or "")
            found = book.find(wanted)
            told = found_html(book, wanted, found, self._words) if wanted else ""
            held = next((each.unit for each in found if each.unit == unit), None)
            shown = held or (found[0].unit if found else unit)
            return self._unit(assistant, book, shown, wanted, sought=False, found=told)
        except Exception as error:
            return View(fault=line_of(error, self._words))

    def _here(self, place: Place | None) -> tuple[Assistant, Book, Unit]:
        assistant = self._desk.assistant()
        if place is None:
            raise BadInput(self._words("请先选一份文件"))
        book = self._book(assistant, place.document_id)
        unit = book.at(place.start)
        if unit is None:
            raise BadInput(self._words("这份文件没有可以读的条文。"))
        return assistant, book, unit

    def _book(self, assistant: Assistant, document_id: str) -> Book:
        """A document. Raises BadInput where it is not held (any longer)."""
        stored = next((d for d in assistant.documents() if d.document.id == document_id), None)
        if stored is None:
            raise BadInput(self._words("没有收录这份文件，可能已经移除了"))
        return book_of(stored, assistant.clauses(document_id), self._words)

    def _begun(self, assistant: Assistant, document_id: str) -> View:
        book = self._book(assistant, document_id)
        if not book.units:
            return View(
                documents=self._choices(in_order(assistant.documents()), document_id),
                outline=outline_html(book, self._words),
                clause="",
                before=self._step_button(_BEFORE, None),
                after=self._step_button(_AFTER, None),
                place=Place(document_id=document_id, start=0),
                found="",
                query="",
            )
        return self._opened(assistant, book, book.units[0], sought=False)

    def _opened(self, assistant: Assistant, book: Book, unit: Unit, *, sought: bool = True) -> View:
        """Another document than before: everything anew."""
        return self._unit(
            assistant,
            book,
            unit,
            "",
            sought=sought,
            found="",
            query="",
            outline=outline_html(book, self._words),
            documents=self._choices(in_order(assistant.documents()), book.id),
        )

    def _unit(
        self, assistant: Assistant, book: Book, unit: Unit, wanted: str, *, sought: bool = True, **parts: Any
    ) -> View:
        found: Found | None = next((f for f in book.find(_query(wanted)) if f.unit == unit), None)
        names = [name for block in unit.blocks for duty in block.duties for name in duty.names]
        return View(
            clause=unit_html(
                book,
                unit,
                todays_names(names, assistant.knowledge.directory, self._words),
                notes=_notes(assistant, unit, self._words),
                spans=found.spans if found else (),
                sought=sought,
                words=self._words,
            ),
            before=self._step_button(_BEFORE, book.beside(unit, -1)),
            after=self._step_button(_AFTER, book.beside(unit, 1)),
            place=Place(document_id=book.id, start=unit.start),
            **parts,
        )

    def _choices(self, documents: list[StoredDocument], document_id: str) -> Any:
        choices = [
            (document_name(stored.document.metadata, self._words), stored.document.id) for stored in documents
        ]
        return gr.update(choices=choices, value=document_id)

    def _step_button(self, way: str, unit: Unit | None) -> Any:
        """上一条:(十三)…; it cannot be pressed at either end."""
        way = self._words(way)
        name = self._words("{way}:{name}", way=way, name=plain(unit.name)) if unit else way
        return gr.update(value=name, interactive=unit is not None)

    def _no_article(self, book: Book, told: str) -> str:
        numbers = [unit.article for unit in book.units if unit.article is not None]
        if not numbers:
            line = "这份文件里没有“{told}”这一条，它没有统一编的条号，请在目录里选"
            return self._words(line, told=plain(told)[:_SHOWN_NUMBER])
        return self._words(
            "这份文件里没有“{told}”这一条，它有第 {first} 条到第 {last} 条",
            told=plain(told)[:_SHOWN_NUMBER],
            first=min(numbers),
            last=max(numbers),
        )


def in_order(documents: tuple[StoredDocument, ...]) -> list[StoredDocument]:
    """Originals before digests, each in the order of the index."""
    return sorted(documents, key=lambda stored: stored.document.metadata.kind == "digest")


def _notes(assistant: Assistant, unit: Unit, words: Words) -> list[str]:
    """What has changed since the article was written."""
    notes = [
        note
        for block in unit.blocks
        if block.clause is not None
        for note in currency_notes(assistant.knowledge.around, block.clause, block.text, words.language)
    ]
    return list(dict.fromkeys(notes))


def _query(query: str) -> str:
    return plain(query).strip()[:_LONGEST_QUERY]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowseTab:
    """The tab for the rest of the page: what opening a clause from elsewhere changes."""

    desk: BrowseDesk
    outputs: tuple[Any, ...]

    def open_at(
        self, document_id: str, article: int | str | None = None, start: int | None = None
    ) -> tuple[Any, ...]:
        """The values of `outputs` that show a document at an article, by number or label, or at a clause's first character."""
        return self.desk.open_at(document_id, article, start).outputs()


def build_browse_tab(desk: Opens, tab: Any) -> BrowseTab:
    """The tab's content and events, inside the open gr.Tab that is given."""
    own, words = BrowseDesk(desk), desk.words
    gr.HTML(f"<h2>{words('条款浏览')}</h2><p>{words('一条一条地读已收录的文件。标着“提要”的不是原文。')}</p>")
    with gr.Row(elem_classes="pq-controls"):
        documents = gr.Dropdown([], label=words("选一份文件"), interactive=True, elem_id="pq-browse-document")
    with gr.Row(elem_classes="pq-controls"):
        number = gr.Textbox(
            label=words("跳到第几条"),
            placeholder=words("比如：14、十四"),
            max_length=40,
            elem_id="pq-jump",
            scale=1,
        )
        query = gr.Textbox(
            label=words("在这份文件里找"),
            placeholder=words("比如：贷款贴息（回车查找）"),
            max_length=200,
            elem_id="pq-find",
            scale=2,
        )
        search = gr.Button(words("查找"), variant="primary", elem_id="pq-find-go", min_width=80, scale=0)
    fault = gr.HTML("", elem_id="pq-browse-fault")
    found = gr.HTML("", elem_id="pq-found", js_on_load=OPENING_JS)
    with gr.Row(elem_id="pq-reading"):
        outline = gr.HTML("", elem_id="pq-outline", js_on_load=OPENING_JS)
        with gr.Column(elem_id="pq-clause-side"):
            with gr.Row(elem_classes="pq-row"):
                before = gr.Button(words(_BEFORE), size="sm", interactive=False, elem_id="pq-before")
                after = gr.Button(words(_AFTER), size="sm", interactive=False, elem_id="pq-after")
            clause = gr.HTML(looking_html(words), elem_id="pq-clause", js_on_load=_CLAUSE_JS)
    place = gr.State(None)

    parts = [fault, documents, outline, clause, before, after, place, found, query]

    def entered(at: Place | None, sought: str | None, event: gr.EventData) -> tuple[Any, ...]:
        return own.entered(at, _offset(event.start), sought).outputs()

    tab.select(lambda at: own.arrived(at).outputs(), [place], parts, **quiet())
    documents.input(lambda chosen: own.chosen(chosen).outputs(), [documents], parts, **last())
    for source in (outline, found):
        source.select(entered, [place, query], parts, **quiet())
    for button, step in ((before, -1), (after, 1)):
        button.click(_stepping(own, step), [place, query], parts, **quiet())
    number.submit(lambda *given: own.jumped(*given).outputs(), [place, number, query], parts, **quiet())
    gr.on(
        [query.submit, search.click],
        lambda *given: own.sought(*given).outputs(),
        [place, query],
        parts,
        **quiet(),
    )
    return BrowseTab(desk=own, outputs=tuple(parts))


def _stepping(own: BrowseDesk, step: int) -> Any:
    return lambda at, sought: own.stepped(at, step, sought).outputs()


def wire_opening(source: Any, browse: BrowseTab, tabs: Any, tab_id: str) -> None:
    """Buttons made by `opener_html` in a gr.HTML with OPENING_JS open their clause in the tab."""

    def opened(event: gr.EventData) -> tuple[Any, ...]:
        return gr.Tabs(selected=tab_id), *browse.open_at(str(event.document), start=_offset(event.start))

    source.select(opened, None, [tabs, *browse.outputs], **quiet())


def _offset(told: Any) -> int:
    """What the browser sent as a place in a text; anything else is its beginning."""
    return told if isinstance(told, int) else 0
