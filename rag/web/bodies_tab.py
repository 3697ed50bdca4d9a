"""The tab 部门职责: by any of its names, all clauses that a body leads or cooperates in; who works with whom; as a file."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gradio as gr
import pandas as pd  # type: ignore[import-untyped]

from ingest.departments import Directory
from ingest.errors import BadInput
from ingest.text import fold
from rag.build import Assistant
from rag.web.bodies_html import (
    MOST_BARS,
    ROLES,
    bars,
    counted,
    documents_in,
    filtered,
    places_of,
    profiles_html,
    together,
    together_html,
)
from rag.web.openers import OPENING_JS, plain
from rag.web.reading import Opens, fault_html, last, line_of, looking_html, quiet, todays_names
from rag.web.words import CHINESE, Words
from rag.who_is_who import Profile, export

Suffix = Literal["csv", "xlsx"]

_MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_COLUMNS = _BODY, _ROLE, _COUNT = "单位", "角色", "条数"
_ALL_BODIES, _ALL_DOCUMENTS, _ALL_ROLES = "全部部门", "全部文件", "全部"
_LONGEST_NAME = 40
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
# Dark enough beside white, light enough beside black.
_COLOURS = {"牵头": "#2563eb", "负责": "#0d9488", "配合": "#d97706"}
# The file is made in memory and saved by the browser: nothing of it stays on the server.
_SAVE_JS = """
(file) => {
  if (!file) return;
  const bytes = Uint8Array.from(atob(file.data), (char) => char.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: file.mime }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
"""
# The chart's own name is none in words, and each drawing makes it anew.
_CHART_NAME = "各单位牵头、负责、配合的条数，柱状图；同样的数字在上面的清单里"
_CHART_JS = """
const name = NAME;
const panel = element.closest('[role="tabpanel"]') || document.body;
const relabel = () => {
  for (const chart of panel.querySelectorAll('[role="graphics-document"]')) {
    if (chart.getAttribute("aria-label") !== name) chart.setAttribute("aria-label", name);
  }
};
new MutationObserver(relabel).observe(panel, { subtree: true, childList: true });
relabel();
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodiesTab:
    """The tab's parts that the page wires further: its list, whose `select` event opens a clause."""

    results: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a visitor looks for: a body by any name or one of the list, in a document, in a role; empty for all."""

    typed: str = ""
    chosen: str = ""
    document_id: str = ""
    role: str = ""

    @classmethod
    def of(cls, typed: str | None, chosen: str | None, document_id: str | None, role: str | None) -> Wanted:
        """From the values of the controls."""
        return cls(
            typed=plain(typed or "").strip(),
            chosen=chosen or "",
            document_id=document_id or "",
            role=role if role in ROLES else "",
        )

    @property
    def name(self) -> str:
        """The body, as it was typed or chosen."""
        return self.typed or self.chosen


class BodiesDesk:
    """Answers the tab's events from the catalogue, completely."""

    def __init__(self, desk: Opens) -> None:
        self._desk = desk
        self._words = desk.words

    def shown(
        self, typed: str | None, chosen: str | None, document_id: str | None, role: str | None
    ) -> tuple[Any, ...]:
        """In the order of the tab's outputs: bodies and documents to choose from, list, chart, table."""
        wanted, words = Wanted.of(typed, chosen, document_id, role), self._words
        try:
            assistant = self._desk.assistant()
            every, clauses = assistant.profiles(), assistant.clauses()
        except Exception as error:
            return (gr.skip(), gr.skip(), fault_html(line_of(error, words)), gr.skip(), "")
        today = todays_names([profile.body for profile in every], assistant.knowledge.directory, words)
        try:
            listed = profiles_html(self.found(wanted), places_of(clauses), today, words)
        except Exception as error:
            listed = fault_html(line_of(error, words))
        overview = filtered(every, wanted.document_id, wanted.role)
        among = [c for c in clauses if wanted.document_id in ("", c.document_id)]
        bodies = {profile.body: _choice(profile, today.get(profile.body, ""), words) for profile in every}
        return (
            _choices(words(_ALL_BODIES), bodies, wanted.chosen),
            _choices(words(_ALL_DOCUMENTS), documents_in(every), wanted.document_id),
            listed,
            _chart_value(overview, words),
            together_html(together(among), words),
        )

    def found(self, wanted: Wanted) -> tuple[Profile, ...]:
        """The profiles wanted. Raises BadInput for a name that is no body's or that no document names."""
        assistant = self._desk.assistant()
        if len(wanted.typed) > _LONGEST_NAME:
            raise BadInput(self._words("部门名称太长，请不要超过 {n} 个字", n=_LONGEST_NAME))
        if wanted.typed:
            named = self._named(assistant, wanted.typed)
        else:
            named = tuple(p for p in assistant.profiles() if wanted.chosen in ("", p.body))
        return filtered(named, wanted.document_id, wanted.role)

    def _named(self, assistant: Assistant, name: str) -> tuple[Profile, ...]:
        """A body by any of its names; what is told where there is none names no command."""
        try:
            return assistant.profiles(name)
        except BadInput:
            known = _is_body(name, assistant.knowledge.directory)
            line = "已收录的文件里，{name}没有牵头或配合任何条款" if known else "没有认出“{name}”是哪个单位"
            raise BadInput(self._words(line, name=name)) from None

    def saved(
        self,
        suffix: Suffix,
        typed: str | None,
        chosen: str | None,
        document_id: str | None,
        role: str | None,
    ) -> tuple[dict[str, str] | None, str]:
        """What is listed as a file for the browser to save, or why there is none."""
        wanted = Wanted.of(typed, chosen, document_id, role)
        try:
            return file_of(self.found(wanted), suffix, wanted.name, self._words), ""
        except Exception as error:
            return None, fault_html(line_of(error, self._words))


def _is_body(name: str, directory: Directory) -> bool:
    return any(fold(mention.text) == fold(name) for mention in directory.mentions(name))


def file_of(found: Sequence[Profile], suffix: Suffix, name: str, words: Words = CHINESE) -> dict[str, str]:
    """The table as the browser saves it: name, type, and the bytes in base64. Raises BadInput where it is empty."""
    if not found:
        raise BadInput(words("没有可以导出的条款，换个文件或角色再试"))
    about = _NOT_IN_FILE_NAMES.sub("", plain(name))[:_LONGEST_NAME].strip(".")
    with tempfile.TemporaryDirectory(prefix="policyqa-") as folder:
        path = Path(folder) / f"table.{suffix}"
        export(found, path)
        data = base64.b64encode(path.read_bytes()).decode()
    file = f"{words('部门职责')}{'-' if about else ''}{about}.{suffix}"
    return {"name": file, "mime": _MIME[suffix], "data": data}


def _choices(first: str, names: dict[str, str], value: str) -> Any:
    """What can be chosen, by value with the name shown; a choice that is gone is none.

    Any other stays untouched: by the time this is shown, the visitor may have chosen anew.
    """
    choices = [(first, ""), *((plain(name), each) for each, name in names.items())]
    gone = value not in ("", *names)
    return gr.update(choices=choices, value="") if gone else gr.update(choices=choices)


def _choice(profile: Profile, today: str, words: Words) -> str:
    """A body in the list, also found by today's name: 省国土资源厅(牵头 1 条,配合 13 条;自 2018 年起为…)."""
    told = words("；").join(each for each in (counted(profile, words), today) if each)
    return words("{name}（{told}）", name=profile.body, told=told)


def _chart_value(found: Sequence[Profile], words: Words) -> Any:
    rows = [(body, words(role), count) for body, role, count in bars(found)]
    # An empty table, not none: Gradio goes on measuring a chart that it took away, and fails.
    table = pd.DataFrame(rows, columns=[words(column) for column in _COLUMNS])
    return gr.update(value=table, sort=[profile.body for profile in found])


def build_bodies_tab(desk: Opens, tab: Any) -> BodiesTab:
    """The tab's content and events, inside the open gr.Tab that is given."""
    own, words = BodiesDesk(desk), desk.words
    about = words(
        "各部门牵头、配合哪些条款。现在的名称、文件里的旧名称、俗称都能查；结果里写文件用的名称，改过名的注明现在叫什么。"
    )
    gr.HTML(f"<h2>{words('部门职责')}</h2><p>{about}</p>")
    with gr.Row(elem_classes="pq-controls"):
        typed = gr.Textbox(
            label=words("输入部门名称"),
            placeholder=words("比如：省自然资源厅、国土局"),
            max_length=200,
            elem_id="pq-body",
            html_attributes=gr.InputHTMLAttributes(autocorrect="off", spellcheck=False, autocomplete="off"),
        )
        search = gr.Button(
            words("查部门"), variant="primary", elem_id="pq-body-search", min_width=80, scale=0
        )
        chosen = gr.Dropdown(
            [(words(_ALL_BODIES), "")],
            value="",
            label=words("或者选一个部门"),
            interactive=True,
            elem_id="pq-body-choice",
        )
    with gr.Row(elem_classes="pq-controls"):
        document = gr.Dropdown(
            [(words(_ALL_DOCUMENTS), "")],
            value="",
            label=words("哪份文件"),
            interactive=True,
            elem_id="pq-body-document",
        )
        role = gr.Radio(
            [(words(each), each) for each in (_ALL_ROLES, *ROLES)],
            value=_ALL_ROLES,
            label=words("什么角色"),
            elem_id="pq-body-role",
        )
    with gr.Row(elem_classes="pq-row"):
        as_csv = gr.Button(words("下载 CSV"), size="sm", elem_id="pq-body-csv")
        as_xlsx = gr.Button(words("下载 XLSX"), size="sm", elem_id="pq-body-xlsx")
    fault = gr.HTML("", elem_id="pq-body-fault")
    results = gr.HTML(looking_html(words), elem_id="pq-body-results", js_on_load=OPENING_JS)
    drawn = words("按牵头的条数排列，最多画 {n} 个部门。", n=MOST_BARS)
    gr.HTML(f"<h2>{words('各部门的条款数')}</h2><p>{drawn}</p>")
    chart = gr.BarPlot(
        x=words(_BODY),
        y=words(_COUNT),
        color=words(_ROLE),
        color_map={words(role): colour for role, colour in _COLOURS.items()},
        x_title=" ",
        y_title=words(_COUNT),
        x_label_angle=-90,
        height=340,
        container=False,
        show_label=False,
        tooltip="all",
        buttons=[],
        elem_id="pq-body-chart",
    )
    named = _CHART_JS.replace("NAME", json.dumps(words(_CHART_NAME)), 1)
    gr.HTML(f"<h2>{words('谁和谁一起办')}</h2>", js_on_load=named)
    matrix = gr.HTML(looking_html(words), elem_id="pq-together")
    payload = gr.JSON(visible=False)

    wanted = [typed, chosen, document, role]
    parts = [chosen, document, results, chart, matrix]
    gr.on([tab.select, document.input, role.input], own.shown, wanted, parts, **last())
    # Of the two ways to name a body the last one used counts.
    gr.on([typed.submit, search.click], lambda: "", None, [chosen], **quiet()).then(
        own.shown, wanted, parts, **quiet()
    )
    chosen.input(lambda: "", None, [typed], **quiet()).then(own.shown, wanted, parts, **quiet())
    for button, suffix in ((as_csv, "csv"), (as_xlsx, "xlsx")):
        button.click(_saving(own, suffix), wanted, [payload, fault], **quiet()).success(
            None, [payload], None, js=_SAVE_JS, **quiet()
        )
    return BodiesTab(results=results)


def _saving(own: BodiesDesk, suffix: Any) -> Any:
    return lambda *wanted: own.saved(suffix, *wanted)
