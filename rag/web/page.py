"""The page: a conversation with the clauses it rests on, who does what, documents to read, and both sides compared."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

# Read once, when Gradio and the model hub's client are imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr

from rag.web.api import add_endpoints
from rag.web.bodies_tab import build_bodies_tab
from rag.web.browse_tab import build_browse_tab, wire_opening
from rag.web.cards import empty_evidence_html
from rag.web.compare_tab import build_compare_tab
from rag.web.conversation import Conversation
from rag.web.desk import WAITING, Desk
from rag.web.feedback import MOST_TEXT, REASONS
from rag.web.history import link_query
from rag.web.openers import OPENING_JS
from rag.web.suggestions import MOST
from rag.web.words import Language, Words

NAME = "政策问答"
# What each kind of reader may begin with, in the interface's language; a test asks them all.
EXAMPLES: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "企业和投资者": (
            "园区项目贷款想申请贴息，该找哪个部门？",
            "外地企业来投资建厂，招商引资有哪些支持？",
            "想在开发区办职业培训，谁负责人才培养？",
            "企业搞节能和循环经济，文件怎么说？",
        ),
        "机关工作人员": (
            "省商务厅牵头哪几条？",
            "第十九条的原文是什么？",
            "土地集约利用由谁牵头、谁配合？",
            "这份文件什么时候印发的，一共几条？",
        ),
    },
    "en": {
        "Companies and investors": (
            "Which department handles interest subsidies for infrastructure loans?",
            "What support is there for attracting investment?",
            "Who is responsible for training skilled workers?",
            "What does the policy say about the circular economy?",
        ),
        "Civil servants": (
            "Which articles does the Department of Commerce lead?",
            "What is the original text of article 19?",
            "Who leads intensive land use and who cooperates?",
            "When was this document issued?",
        ),
    },
}
# Questions are answered side by side; most of an answer's time passes waiting for a browser or a model.
_AT_ONCE = 40
# The server does not know under which address a proxy shows the page; the browser does.
_WHOLE_LINK = "query => query ? location.origin + location.pathname + query : ''"
# A tab that is loaded again, as Gradio does after a broken connection, goes on with its conversation.
_OPEN = "policyqa-open"
_OPENED = f"""(talk, _, kept) => {{
  const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
  return [talk, (again && sessionStorage.getItem("{_OPEN}")) || "", kept];
}}"""
_NOTE_OPEN = f'id => {{ sessionStorage.setItem("{_OPEN}", id ?? ""); }}'
_FORGET_OPEN = f'() => {{ sessionStorage.removeItem("{_OPEN}"); }}'
# An earlier answer's cards are asked for (app.js); the panel tells it as its `expand` event.
_LOOKING_BACK_JS = """
document.addEventListener("pq-look-back", (event) => trigger("expand", { answer: event.detail }));
"""
_FONTS = (
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "sans-serif",
)


def build_page(desk: Desk, *, for_programs: bool = True) -> gr.Blocks:
    """The page with its events, in the desk's language; nothing is opened or served yet.

    `for_programs` offers the calls of rag/web/api.py; one page of a program does.
    """
    words = desk.words
    with gr.Blocks(title=words(NAME), analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        with gr.Column(elem_id="pq-head"):
            gr.HTML(_head_html(words))
            held = gr.HTML("", elem_id="pq-documents")
        with gr.Tabs(selected="chat", elem_id="pq-tabs") as tabs:
            with gr.Tab(words("问答"), id="chat"):
                evidence = _build_chat(desk, page, held)
            with gr.Tab(words("部门职责"), id="bodies") as tab:
                bodies = build_bodies_tab(desk, tab)
            with gr.Tab(words("条款浏览"), id="browse") as tab:
                browse = build_browse_tab(desk, tab)
            with gr.Tab(words("对照"), id="compare") as tab:
                compare = build_compare_tab(desk, tab)
        for source in (evidence, bodies.results, compare.results):
            wire_opening(source, browse, tabs, "browse")
        if for_programs:
            add_endpoints(desk, desk.limit)
    page.queue(default_concurrency_limit=_AT_ONCE)
    return page


def _build_chat(desk: Desk, page: gr.Blocks, held: Any) -> Any:
    """The conversation with its events; the panel of cards, from which a clause is opened."""
    words = desk.words
    conversation = gr.State(Conversation())
    # Read and written by the browser alone; the key only keeps other pages' scripts from reading it by chance.
    kept = gr.BrowserState([], storage_key="policyqa-conversations", secret="policyqa-in-this-browser")
    opened = gr.Textbox(visible=False)
    with gr.Column(elem_id="pq-desk"):
        chat = _chat(words)
        evidence = _evidence_panel(words)
        with gr.Column(elem_id="pq-ask"):
            opinion = _opinion_row(words)
            suggestions = _suggestion_buttons()
            box, send, stop, again, edit, clear = _ask_row(words)
        with gr.Column(elem_id="pq-examples"):
            with gr.Column(elem_id="pq-starters"):
                examples = _example_buttons(words)
            picker, forget, link, share, alone, as_markdown, as_word, file = _kept_row(words)
    parts = [conversation, chat, evidence, held, stop, *suggestions]
    running = [
        gr.on([box.submit, send.click], desk.send, [box, conversation], [box, *parts], **_quiet()),
        *(
            button.click(desk.pick, [button, conversation], parts, **_quiet())
            for button in (*examples, *suggestions)
        ),
        again.click(desk.again, [conversation], parts, **_quiet()),
        page.load(desk.arrive, [conversation, opened, kept], parts, js=_OPENED, **_quiet()),
    ]
    for event in running:
        event.then(desk.remember, [conversation, kept], [kept, picker, stop], **_quiet()).then(
            None, [picker], None, js=_NOTE_OPEN, **_quiet()
        )
    edit.click(desk.edited, [conversation], [box, *parts], cancels=running, **_quiet())
    stop.click(desk.stopped, [conversation], parts, cancels=running, **_quiet())
    clear.click(desk.cleared, None, parts, cancels=running, js=_FORGET_OPEN, **_quiet())
    picker.input(desk.reopen, [picker, kept], parts, cancels=running, **_quiet()).then(
        None, [picker], None, js=_NOTE_OPEN, **_quiet()
    )
    forget.click(desk.forget, None, [kept, picker], **_quiet())
    share.click(lambda talk: link_query(talk.questions), [conversation], [link], **_quiet()).then(
        None, [link], [link], js=_WHOLE_LINK, **_quiet()
    )
    as_markdown.click(partial(desk.exported, suffix="md"), [conversation, alone], [file], **_quiet())
    as_word.click(partial(desk.exported, suffix="docx"), [conversation, alone], [file], **_quiet())
    # [1] of an earlier answer, told by app.js through the panel.
    evidence.expand(_looking_back(desk), [conversation], [conversation, evidence], **_quiet())
    _wire_opinion(desk, conversation, opinion)
    page.load(desk.picker, [kept], [picker], **_quiet())
    return evidence


def _looking_back(desk: Desk) -> Callable[..., tuple[Any, Any]]:
    # Annotated, for by that Gradio hands the event in.
    def looked(talk: Conversation, event: gr.EventData) -> tuple[Any, Any]:
        return desk.look_back(talk, event.answer)

    return looked


def _quiet() -> dict[str, Any]:
    return {"show_progress": "hidden", "api_visibility": "private"}


def _head_html(words: Words) -> str:
    other = (
        '<a href="en/" lang="en">English</a>'
        if words.language == "zh"
        else '<a href="../" lang="zh">中文</a>'
    )
    return (
        f'<h1>{words(NAME)}</h1><nav aria-label="{words("语言")}">{other}</nav>'
        f'<p class="pq-purpose">{words("按已收录的政策文件回答：哪一条怎么写，谁牵头，谁配合，都附原文。")}'
        f"<strong>{words('仅供查阅，不是政府部门的正式答复。')}</strong></p>"
    )


def _chat(words: Words) -> Any:
    return gr.Chatbot(
        label=words("对话"),
        show_label=False,
        elem_id="pq-chat",
        height="100%",
        autoscroll=False,
        placeholder=f"<p>{words('请在下面输入问题，或者点一个例子。')}</p>",
        sanitize_html=True,
        latex_delimiters=[],
        buttons=[],
        feedback_options=None,
        layout="bubble",
        group_consecutive_messages=False,
    )


def _evidence_panel(words: Words) -> Any:
    with gr.Column(elem_id="pq-evidence"):
        gr.HTML(f"<h2>{words('依据')}</h2>")
        return gr.HTML(
            empty_evidence_html(words(WAITING)), elem_id="pq-cards", js_on_load=OPENING_JS + _LOOKING_BACK_JS
        )


def _ask_row(words: Words) -> tuple[Any, ...]:
    box = gr.Textbox(
        label=words("您的问题"),
        show_label=False,
        container=False,
        placeholder=words("请输入问题，回车发送，Shift+回车换行"),
        lines=1,
        max_lines=6,
        autofocus=True,
        elem_id="pq-box",
        html_attributes=gr.InputHTMLAttributes(autocorrect="off", spellcheck=False, autocomplete="off"),
    )
    with gr.Row(elem_id="pq-buttons"):
        send = gr.Button(words("发送"), variant="primary", elem_id="pq-send", min_width=80)
        stop = gr.Button(words("停止"), interactive=False, elem_id="pq-stop", min_width=80)
        again = gr.Button(words("重新回答"), elem_id="pq-again", min_width=80)
        edit = gr.Button(words("修改问题"), elem_id="pq-edit", min_width=80)
        clear = gr.Button(words("新对话"), elem_id="pq-clear", min_width=80)
    return box, send, stop, again, edit, clear


def _suggestion_buttons() -> list[Any]:
    with gr.Row(elem_classes="pq-row", elem_id="pq-next"):
        return [gr.Button("", size="sm", visible=False, elem_classes="pq-suggestion") for _ in range(MOST)]


def _kept_row(words: Words) -> tuple[Any, ...]:
    """Earlier conversations, which only this browser keeps, and a link that asks this one's questions again."""
    with gr.Accordion(words("以前的对话和分享"), open=False, elem_id="pq-kept"):
        picker = gr.Dropdown(
            [],
            label=words("以前的对话（只存在这个浏览器里）"),
            elem_id="pq-picker",
            interactive=True,
            filterable=False,
        )
        link = gr.Textbox(
            label=words("分享链接（里面是问题，打开时重新回答）"),
            interactive=False,
            elem_id="pq-link",
            buttons=["copy"],
        )
        with gr.Row(elem_classes="pq-row"):
            share = gr.Button(words("生成分享链接"), size="sm", elem_id="pq-share")
            forget = gr.Button(words("删除全部记录"), size="sm", elem_id="pq-forget")
        alone = gr.Checkbox(False, label=words("只导出眼前这个回答"), container=False, elem_id="pq-alone")
        with gr.Row(elem_classes="pq-row"):
            as_word = gr.Button(words("导出 Word"), size="sm", elem_id="pq-word")
            as_markdown = gr.Button(words("导出 Markdown"), size="sm", elem_id="pq-markdown")
        file = gr.File(label=words("导出的文件"), visible=False, interactive=False, elem_id="pq-file")
    return picker, forget, link, share, alone, as_markdown, as_word, file


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The parts by which a reader says what an answer was worth."""

    useful: Any
    useless: Any
    more: Any
    reason: Any
    text: Any
    send: Any
    told: Any


def _opinion_row(words: Words) -> Opinion:
    with gr.Row(elem_id="pq-opinion", elem_classes="pq-row"):
        # Copies in the browser (app.js).
        gr.Button(words("复制回答"), size="sm", elem_id="pq-copy-answer")
        useful = gr.Button(words("有用"), size="sm", elem_id="pq-useful")
        useless = gr.Button(words("没用"), size="sm", elem_id="pq-useless")
        told = gr.HTML("", elem_id="pq-told")
    with gr.Column(visible=False, elem_id="pq-why") as more:
        reason = gr.Dropdown(
            [(words(reason), key) for key, reason in REASONS.items()],
            label=words("哪里不好"),
            filterable=False,
        )
        text = gr.Textbox(
            label=words("想说的话（可以不填，不要写个人信息）"), max_length=MOST_TEXT, lines=1, max_lines=3
        )
        send = gr.Button(words("提交"), size="sm", elem_id="pq-say")
    return Opinion(useful=useful, useless=useless, more=more, reason=reason, text=text, send=send, told=told)


def _wire_opinion(desk: Desk, conversation: Any, opinion: Opinion) -> None:
    def said(line: str) -> str:
        return f'<p role="status">{escape(line)}</p>'

    def useful(talk: Conversation, request: gr.Request) -> tuple[Any, ...]:
        return said(desk.judged(talk, "useful", None, "", request)), gr.update(visible=False)

    def useless(talk: Conversation, reason: str | None, text: str, request: gr.Request) -> tuple[Any, ...]:
        return said(desk.judged(talk, "useless", reason, text, request)), gr.update(visible=False), None, ""

    opinion.useful.click(useful, [conversation], [opinion.told, opinion.more], **_quiet())
    opinion.useless.click(
        lambda: ("", gr.update(visible=True)), None, [opinion.told, opinion.more], **_quiet()
    )
    opinion.send.click(
        useless,
        [conversation, opinion.reason, opinion.text],
        [opinion.told, opinion.more, opinion.reason, opinion.text],
        **_quiet(),
    )


def _example_buttons(words: Words) -> list[Any]:
    buttons = []
    for group, questions in EXAMPLES[words.language].items():
        gr.HTML(f"<h2>{words('{group}常问', group=group)}</h2>")
        with gr.Row(elem_classes="pq-row"):
            buttons += [gr.Button(question, size="sm", elem_classes="pq-example") for question in questions]
    return buttons


def look() -> dict[str, Any]:
    """Theme and style of the page; fonts are the reader's own, none is fetched."""
    theme = gr.themes.Base(
        primary_hue="blue", neutral_hue="slate", font=list(_FONTS), font_mono=["ui-monospace", "monospace"]
    )
    return {"theme": theme, "css_paths": Path(__file__).resolve().parent.parent.parent / "app.css"}
