"""The tab 对照: each article of the shipped policy beside the articles of the document above it (corpus/alignment.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from ingest.errors import BadInput
from rag.build import Assistant
from rag.web.compare_html import Compared, compared_html
from rag.web.openers import OPENING_JS, plain
from rag.web.reading import Opens, fault_html, last, line_of, looking_html
from rag.web.words import CHINESE, Words

_ALL = "全部条款"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareTab:
    """The tab's parts that the page wires further: its comparison, whose `select` event opens a clause."""

    results: Any


class CompareDesk:
    """Answers the tab's events from the alignment table and the catalogue."""

    def __init__(self, desk: Opens) -> None:
        self._desk = desk

    def shown(self, label: str | None) -> tuple[Any, str]:
        """The articles to choose from, and both texts of the one chosen or of all."""
        words = self._desk.words
        try:
            compared = compared_of(self._desk.assistant(), words)
        except Exception as error:
            return gr.skip(), fault_html(line_of(error, words))
        labels = [pair.clause for pair in compared.alignment.pairs]
        chosen = label if label and label in labels else ""
        choices = [(words(_ALL), ""), *((plain(compared.name_of(each)), each) for each in labels)]
        # A choice that there is stays untouched: by now the visitor may have chosen anew.
        update = (
            gr.update(choices=choices) if chosen == (label or "") else gr.update(choices=choices, value="")
        )
        return update, compared_html(compared, chosen, words)


def compared_of(assistant: Assistant, words: Words = CHINESE) -> Compared:
    """Both documents of the alignment. Raises BadInput where there is no table or a document is not held."""
    alignment = assistant.knowledge.around.alignment
    if not alignment.pairs:
        raise BadInput(words("没有对照表（corpus/alignment.yaml）"))
    held = {stored.document.id: stored.document.metadata for stored in assistant.documents()}
    missing = [each for each in (alignment.document, alignment.parent) if each not in held]
    if missing:
        raise BadInput(words("没有收录编号为 {ids} 的文件，不能对照", ids=words("、").join(missing)))
    own, parent = (
        {stored.clause.label: stored for stored in assistant.clauses(document_id)}
        for document_id in (alignment.document, alignment.parent)
    )
    return Compared(
        alignment=alignment,
        own=held[alignment.document],
        parent=held[alignment.parent],
        own_clauses=own,
        parent_clauses=parent,
    )


def build_compare_tab(desk: Opens, tab: Any) -> CompareTab:
    """The tab's content and events, inside the open gr.Tab that is given."""
    own, words = CompareDesk(desk), desk.words
    gr.HTML(
        f"<h2>{words('和上位文件对照')}</h2>"
        f"<p>{words('甘肃的每一条对应国务院办公厅文件的哪一条，两边原样放在一起看。')}</p>"
    )
    with gr.Row(elem_classes="pq-controls"):
        article = gr.Dropdown(
            [(words(_ALL), "")],
            value="",
            label=words("选一条"),
            interactive=True,
            elem_id="pq-compare-article",
        )
    results = gr.HTML(looking_html(words), elem_id="pq-compared", js_on_load=OPENING_JS)
    gr.on([tab.select, article.input], own.shown, [article], [article, results], **last())
    return CompareTab(results=results)
