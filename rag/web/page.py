"""The page: a conversation, and beside each answer the clauses it rests on."""

from __future__ import annotations

import logging
import os
import queue
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

# Read once, when Gradio and the model hub's client are imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr

from ingest.errors import PolicyQAError
from ingest.settings import Settings
from ingest.stores.catalogue import StoredDocument
from rag.build import Assistant, Observer, open_assistant
from rag.cards import answer_html, empty_evidence_html, evidence_html, growing, question_html
from rag.context import Focus
from rag.messages import say
from rag.pipeline import Turn
from rag.types import Answer, Status
from rag.web.api import add_endpoints
from rag.web.export import Format, transcript_of, write_transcript
from rag.web.feedback import MOST_TEXT, REASONS, keep_feedback
from rag.web.history import Exchange, Kept, link_query, linked_questions, read_history, remembered
from rag.web.limits import RateLimit
from rag.web.suggestions import MOST, follow_ups
from rag.write import Listener

log = logging.getLogger(__name__)

NAME = "政策问答"
EXAMPLES = {
    "企业和投资者": (
        "园区项目贷款想申请贴息,该找哪个部门?",
        "外地企业来投资建厂,招商引资有哪些支持?",
        "想在开发区办职业培训,谁负责人才培养?",
        "企业搞节能和循环经济,文件怎么说?",
    ),
    "机关工作人员": (
        "省商务厅牵头哪几条?",
        "第十九条的原文是什么?",
        "土地集约利用由谁牵头、谁配合?",
        "这份文件什么时候印发的,一共几条?",
    ),
}
_WAITING = "提问以后,这里显示答案引用的条文:出自哪份文件、第几条、谁牵头、谁配合。"
_SEARCHING = "正在查找条文……"
_STOPPED = "已停止。"
# The server does not know under which address a proxy shows the page; the browser does.
_WHOLE_LINK = "query => query ? location.origin + location.pathname + query : ''"
_TOO_FAST = "问得太快了,请过 {seconds} 秒再问。您的问题还在输入框里。"
_STEPS = 12
_EXPORT_S = 600
_STREAMING_S = 0.2
_FONTS = (
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "sans-serif",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing said: a question as typed, or an answer's Markdown as far as it was shown."""

    by_user: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What one visitor has asked and read so far, and what the next question may point back to."""

    messages: tuple[Message, ...] = ()
    focus: Focus = field(default_factory=Focus)
    # What the last question could point back to, for asking it again.
    before: Focus = field(default_factory=Focus)
    # Under which the browser keeps it.
    id: str = ""
    # Questions with their answers as given, for exporting them and for saying what one thinks of the last.
    record: tuple[tuple[str, Answer], ...] = ()

    def asked(self, text: str) -> Conversation:
        """With a question; one without a visible character is answered but not shown."""
        question = (Message(by_user=True, text=text),) if text.strip() else ()
        named = self.id or uuid.uuid4().hex
        return replace(self, messages=(*self.messages, *question), before=self.focus, id=named)

    @property
    def questions(self) -> tuple[str, ...]:
        """What was asked, in order."""
        return tuple(message.text for message in self.messages if message.by_user)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Questions with the answers that followed them."""
        pairs = zip(self.messages, self.messages[1:], strict=False)
        return tuple(
            Exchange(question=asked.text, answer=said.text)
            for asked, said in pairs
            if asked.by_user and not said.by_user
        )

    def without_last(self) -> Conversation:
        """As it was before the last question."""
        last = max((n for n, message in enumerate(self.messages) if message.by_user), default=0)
        answered = bool(self.record) and self.messages[last:][:1] == (
            Message(by_user=True, text=self.record[-1][0]),
        )
        record = self.record[:-1] if answered else self.record
        return replace(self, messages=self.messages[:last], focus=self.before, record=record)

    def answered(self, text: str, focus: Focus | None = None) -> Conversation:
        """With an answer, or a first part of one, to the last question."""
        answer = Message(by_user=False, text=text)
        return replace(self, messages=(*self.messages, answer), focus=focus or self.focus)

    def shown(self) -> list[dict[str, str]]:
        """The messages for the chatbot; only the last answer's numbers lead to cards."""
        last = len(self.messages) - 1
        return [
            {"role": "user", "content": question_html(message.text)}
            if message.by_user
            else {"role": "assistant", "content": answer_html(message.text, linked=position == last)}
            for position, message in enumerate(self.messages)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows next; None leaves a part as it is."""

    conversation: Conversation
    evidence: str | None = None
    held: str | None = None
    box: str | None = None
    busy: bool = True
    # What might be asked next; none while an answer is on its way.
    suggested: tuple[str, ...] = ()

    def outputs(self) -> tuple[Any, ...]:
        """In the order of the page's outputs: conversation, chat, evidence, documents, stop, suggestions."""
        parts = (self.evidence, self.held)
        stop = gr.update(interactive=self.busy)
        return (
            self.conversation,
            self.conversation.shown(),
            *(gr.skip() if part is None else part for part in parts),
            stop,
            *_suggestion_updates(self.suggested),
        )


class Desk:
    """Answers the page's events; opens the index at the first question and again while it is missing."""

    def __init__(self, settings: Settings, observer: Observer | None = None) -> None:
        self._settings = settings
        self._observer = observer
        self._lock = threading.Lock()
        self._assistant: Assistant | None = None
        # Files on their way to a reader; gone with the program, and the older ones at the next export.
        self._exports = tempfile.TemporaryDirectory(prefix="policyqa-")
        # Shared by the page and by programs: a visitor has one allowance.
        self.limit = RateLimit(settings.questions_per_minute)

    def assistant(self) -> Assistant:
        """The assistant, opened once; raises NoIndex until there is an index."""
        with self._lock:
            if self._assistant is None:
                self._assistant = open_assistant(self._settings)
                self._assistant.observer = self._observer
            return self._assistant

    def warm(self) -> None:
        """Open the index ahead of the first question; a failure is told when somebody asks."""
        try:
            self.assistant()
        except Exception as error:
            log.info("index not opened yet: %s", error)

    def send(self, text: str, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """A typed question; the box is emptied, and filled again with what could not be answered."""
        for view in self._admitted(text or "", conversation, request):
            yield (gr.skip() if view.box is None else view.box, *view.outputs())

    def pick(self, text: str, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """An example question; what is being typed stays."""
        for view in self._admitted(text, conversation, request):
            yield view.outputs()

    def _admitted(self, text: str, conversation: Conversation, request: gr.Request) -> Iterator[View]:
        """The reply, or how long somebody who asks too fast has to wait; their question stays in the box."""
        client = request.client if request else None
        waiting = self.limit.seconds_to_wait(client.host if client else "")
        if waiting:
            told = conversation.asked(text).answered(_TOO_FAST.format(seconds=waiting))
            yield View(conversation=told, box=text, busy=False)
            return
        yield from self.reply(text, conversation)

    def reply(self, text: str, conversation: Conversation) -> Iterator[View]:
        """The question at once, then the answer as it grows, with its evidence from the first step."""
        asked = conversation.asked(text)
        yield View(conversation=asked.answered(_SEARCHING), box="")
        answer, focus = yield from self._listened(text, asked)
        evidence = self._evidence(answer)
        held = self.held()
        began = time.monotonic()
        # What a language model wrote has been read while it came.
        steps = [answer.text] if answer.mode == "llm" else list(growing(answer.text, _STEPS))
        for position, part in enumerate(steps, start=1):
            shown = asked.answered(part, focus)
            yield (
                View(conversation=shown, evidence=evidence, held=held)
                if position == 1
                else View(conversation=shown)
            )
            pause = began + _STREAMING_S * position / len(steps) - time.monotonic()
            time.sleep(max(0.0, pause))
        box = text if answer.status is Status.ERROR else None
        told = asked.answered(answer.text, focus)
        yield View(
            conversation=replace(told, record=(*told.record, (text, answer))),
            box=box,
            busy=False,
            suggested=self._suggested(answer),
        )

    def _listened(self, text: str, asked: Conversation) -> Generator[View, None, tuple[Answer, Focus]]:
        """The answer; until it is there, a language model's checked sentences as they come."""
        heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        gone = threading.Event()
        told: list[tuple[Answer, Focus]] = []

        def listen(prose: str) -> bool:
            heard.put(prose)
            return not gone.is_set()

        def work() -> None:
            try:
                told.append(self._answer(text, asked.focus, listen))
            finally:
                heard.put(None)

        threading.Thread(target=work, daemon=True).start()
        shown = ""
        try:
            while (prose := heard.get()) is not None:
                if prose and prose != shown:
                    shown = prose
                    yield View(conversation=asked.answered(prose))
        finally:
            # The reader stopped or left: the model is not listened to any longer.
            gone.set()
        return told[0]

    def again(self, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """The last question once more."""
        if not conversation.questions:
            yield View(conversation=conversation, busy=False).outputs()
            return
        for view in self._admitted(conversation.questions[-1], conversation.without_last(), request):
            yield view.outputs()

    def edited(self, conversation: Conversation) -> tuple[Any, ...]:
        """The last question back in the box, and the conversation as it was before it."""
        question = conversation.questions[-1] if conversation.questions else ""
        shorter = conversation.without_last() if question else conversation
        return (question or gr.skip(), *View(conversation=shorter, busy=False).outputs())

    def remember(self, conversation: Conversation, stored: Any) -> tuple[Any, Any]:
        """The conversation among those that the browser keeps, and their list."""
        if not conversation.exchanges:
            return gr.skip(), gr.skip()
        rows = remembered(stored, Kept(id=conversation.id, exchanges=conversation.exchanges))
        return rows, _picker_update(rows, conversation.id)

    def reopen(self, chosen: str | None, stored: Any) -> tuple[Any, ...]:
        """A conversation that the browser kept, with what its next question may point back to."""
        kept = next((each for each in read_history(stored) if each.id == chosen), None)
        if kept is None:
            return View(conversation=Conversation(), busy=False).outputs()
        messages = [
            Message(by_user=by_user, text=text)
            for exchange in kept.exchanges
            for by_user, text in ((True, exchange.question), (False, exchange.answer))
        ]
        turns = self._retraced([exchange.question for exchange in kept.exchanges])
        focus = turns[-1].focus if turns else Focus()
        before = turns[-2].focus if len(turns) > 1 else Focus()
        record = tuple((turn.answer.question, turn.answer) for turn in turns)
        opened = Conversation(messages=tuple(messages), focus=focus, before=before, id=kept.id, record=record)
        evidence = self._evidence(turns[-1].answer) if turns else empty_evidence_html(_WAITING)
        return View(conversation=opened, evidence=evidence, busy=False).outputs()

    def exported(self, conversation: Conversation, suffix: Format) -> Any:
        """The conversation as a file to keep, or one line on why there is none."""
        try:
            assistant = self.assistant()
            directory, now = assistant.knowledge.directory, datetime.now().astimezone()
            transcript = transcript_of(conversation.record, assistant.documents(), directory, now)
            path = write_transcript(transcript, self._export_folder(), suffix)
        except PolicyQAError as error:
            gr.Warning(str(error))
            return gr.skip()
        return gr.update(value=str(path), visible=True)

    def _export_folder(self) -> Path:
        """An empty folder for one file; those whose file was handed over long ago are removed."""
        root = Path(self._exports.name)
        for folder in root.iterdir():
            if time.time() - folder.stat().st_mtime > _EXPORT_S:
                shutil.rmtree(folder, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=root))

    def judged(self, conversation: Conversation, verdict: str, reason: str | None, text: str) -> str:
        """What a reader thinks of the last answer, kept where the settings allow it; the line they are shown."""
        if not conversation.record:
            return "还没有回答可以评价。"
        outcome = keep_feedback(self._settings, conversation.record[-1][1], verdict, reason or "", text or "")
        return outcome.line

    def forget(self) -> tuple[Any, Any]:
        """Nothing kept in the browser any longer."""
        return [], _picker_update([], None)

    def arrive(self, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """The questions of a shared link, one after the other; the documents held where there is none."""
        asked = linked_questions(request.query_params.getlist("q")) if request else ()
        if not asked:
            yield View(conversation=conversation, held=self.held(), busy=False).outputs()
        for question in asked:
            for view in self._admitted(question, conversation, request):
                conversation = view.conversation
                yield view.outputs()

    def _suggested(self, answer: Answer) -> tuple[str, ...]:
        """Suggestions never cost an answer."""
        if answer.status is not Status.ANSWERED or not answer.citations:
            return ()
        try:
            assistant = self.assistant()
            lead = answer.departments.lead
            profiles = assistant.profiles(lead[0]) if len(lead) == 1 else ()
            return follow_ups(answer, assistant.knowledge.around, profiles)
        except PolicyQAError:
            return ()

    def _retraced(self, questions: list[str]) -> tuple[Turn, ...]:
        try:
            return self.assistant().retrace(questions)
        except Exception:
            log.exception("the conversation could not be taken up again")
            return ()

    def stopped(self, conversation: Conversation) -> tuple[Any, ...]:
        """What was shown stays; an answer that had not begun says that it was stopped."""
        messages = conversation.messages
        if messages and messages[-1].text == _SEARCHING:
            conversation = replace(conversation, messages=messages[:-1]).answered(_STOPPED)
        return View(conversation=conversation, busy=False).outputs()

    def cleared(self) -> tuple[Any, ...]:
        """A new conversation; the next question stands alone."""
        return View(conversation=Conversation(), evidence=empty_evidence_html(_WAITING), busy=False).outputs()

    def held(self) -> str:
        """The documents that answers come from, or what to do where there are none."""
        try:
            documents = self.assistant().documents()
        except PolicyQAError as error:
            return f'<p class="pq-held">{escape(str(error))}</p>'
        except Exception:
            log.exception("listing the documents failed")
            return f'<p class="pq-held">{escape(say("error"))}</p>'
        return _held_html(documents)

    def _answer(self, text: str, focus: Focus, listener: Listener) -> tuple[Answer, Focus]:
        try:
            turn = self.assistant().turn(text, focus, listener)
        except PolicyQAError as error:
            return Answer(question=text, text=str(error), status=Status.ERROR), focus
        except Exception:
            log.exception("answering failed")
            return Answer(question=text, text=say("error"), status=Status.ERROR), focus
        return turn.answer, turn.focus

    @staticmethod
    def _evidence(answer: Answer) -> str | None:
        """An input that was no question leaves the last evidence in place."""
        unanswered = answer.status in (Status.CLARIFY, Status.ERROR) and not answer.citations
        return None if unanswered else evidence_html(answer)


def _held_html(documents: tuple[StoredDocument, ...]) -> str:
    """The documents held: those with their text, and those of which there is only a digest."""
    names: dict[str, list[str]] = {"original": [], "digest": []}
    for stored in documents:
        metadata = stored.document.metadata
        names[metadata.kind].append(escape(f"《{metadata.title}》{metadata.number or ''}"))
    originals, digests = names["original"], names["digest"]
    if len(originals) == 1:
        shown = f"<p>已收录:{originals[0]}</p>"
    else:
        shown = _folded(f"已收录 {len(originals)} 份文件", originals)
    if digests:
        shown += _folded(f"另有 {len(digests)} 份相关文件的提要(不是原文)", digests)
    return f'<div class="pq-held">{shown}</div>'


def _folded(summary: str, names: list[str]) -> str:
    items = "".join(f"<li>{name}</li>" for name in names)
    return f"<details><summary>{summary}</summary><ul>{items}</ul></details>"


def _suggestion_updates(questions: tuple[str, ...]) -> list[Any]:
    """One update for each suggestion button; those without a question are not there."""
    shown = [*questions[:MOST], *[""] * (MOST - len(questions))]
    return [gr.update(value=question, visible=bool(question)) for question in shown]


def _picker_update(rows: list[dict[str, Any]], chosen: str | None) -> Any:
    choices = [(kept.title, kept.id) for kept in read_history(rows)]
    return gr.update(choices=choices, value=chosen if choices else None)


def build_page(desk: Desk) -> gr.Blocks:
    """The page with its events; nothing is opened or served yet."""
    with gr.Blocks(title=NAME, analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        conversation = gr.State(Conversation())
        # Read and written by the browser alone; the key only keeps other pages' scripts from reading it by chance.
        kept = gr.BrowserState([], storage_key="policyqa-conversations", secret="policyqa-in-this-browser")
        with gr.Column(elem_id="pq-head"):
            gr.HTML(_head_html())
            held = gr.HTML("", elem_id="pq-documents")
        with gr.Column(elem_id="pq-desk"):
            chat = _chat()
            evidence = _evidence_panel()
            with gr.Column(elem_id="pq-ask"):
                opinion = _opinion_row()
                suggestions = _suggestion_buttons()
                box, send, stop, again, edit, clear = _ask_row()
            with gr.Column(elem_id="pq-examples"):
                with gr.Column(elem_id="pq-starters"):
                    examples = _example_buttons()
                picker, forget, link, share, as_markdown, as_word, file = _kept_row()
        parts = [conversation, chat, evidence, held, stop, *suggestions]
        running = [
            gr.on([box.submit, send.click], desk.send, [box, conversation], [box, *parts], **_quiet()),
            *(
                button.click(desk.pick, [button, conversation], parts, **_quiet())
                for button in (*examples, *suggestions)
            ),
            again.click(desk.again, [conversation], parts, **_quiet()),
            page.load(desk.arrive, [conversation], parts, **_quiet()),
        ]
        for event in running:
            event.then(desk.remember, [conversation, kept], [kept, picker], **_quiet())
        edit.click(desk.edited, [conversation], [box, *parts], cancels=running, **_quiet())
        stop.click(desk.stopped, [conversation], parts, cancels=running, **_quiet())
        clear.click(desk.cleared, None, parts, cancels=running, **_quiet())
        picker.input(desk.reopen, [picker, kept], parts, cancels=running, **_quiet())
        forget.click(desk.forget, None, [kept, picker], **_quiet())
        share.click(lambda talk: link_query(talk.questions), [conversation], [link], **_quiet()).then(
            None, [link], [link], js=_WHOLE_LINK, **_quiet()
        )
        as_markdown.click(lambda talk: desk.exported(talk, "md"), [conversation], [file], **_quiet())
        as_word.click(lambda talk: desk.exported(talk, "docx"), [conversation], [file], **_quiet())
        _wire_opinion(desk, conversation, opinion)
        page.load(lambda rows: _picker_update(rows, None), [kept], [picker], **_quiet())
        add_endpoints(desk, desk.limit)
    page.queue(default_concurrency_limit=4)
    return page


def _quiet() -> dict[str, Any]:
    return {"show_progress": "hidden", "api_visibility": "private"}


def _head_html() -> str:
    return (
        f"<h1>{NAME}</h1>"
        '<p class="pq-purpose">按已收录的政策文件回答:哪一条怎么写,谁牵头,谁配合,都附原文。'
        "<strong>仅供查阅,不是政府部门的正式答复。</strong></p>"
    )


def _chat() -> Any:
    return gr.Chatbot(
        label="对话",
        show_label=False,
        elem_id="pq-chat",
        height="100%",
        autoscroll=False,
        placeholder="<p>请在下面输入问题,或者点一个例子。</p>",
        sanitize_html=True,
        latex_delimiters=[],
        buttons=[],
        feedback_options=None,
        layout="bubble",
        group_consecutive_messages=False,
    )


def _evidence_panel() -> Any:
    with gr.Column(elem_id="pq-evidence"):
        gr.HTML("<h2>依据</h2>")
        return gr.HTML(empty_evidence_html(_WAITING), elem_id="pq-cards")


def _ask_row() -> tuple[Any, ...]:
    box = gr.Textbox(
        label="您的问题",
        show_label=False,
        container=False,
        placeholder="请输入问题,回车发送,Shift+回车换行",
        lines=1,
        max_lines=6,
        autofocus=True,
        elem_id="pq-box",
        html_attributes=gr.InputHTMLAttributes(autocorrect="off", spellcheck=False, autocomplete="off"),
    )
    with gr.Row(elem_id="pq-buttons"):
        send = gr.Button("发送", variant="primary", elem_id="pq-send", min_width=80)
        stop = gr.Button("停止", interactive=False, elem_id="pq-stop", min_width=80)
        again = gr.Button("重新回答", elem_id="pq-again", min_width=80)
        edit = gr.Button("修改问题", elem_id="pq-edit", min_width=80)
        clear = gr.Button("新对话", elem_id="pq-clear", min_width=80)
    return box, send, stop, again, edit, clear


def _suggestion_buttons() -> list[Any]:
    with gr.Row(elem_classes="pq-row", elem_id="pq-next"):
        return [gr.Button("", size="sm", visible=False, elem_classes="pq-suggestion") for _ in range(MOST)]


def _kept_row() -> tuple[Any, ...]:
    """Earlier conversations, which only this browser keeps, and a link that asks this one's questions again."""
    with gr.Accordion("以前的对话和分享", open=False, elem_id="pq-kept"):
        picker = gr.Dropdown(
            [],
            label="以前的对话(只存在这个浏览器里)",
            elem_id="pq-picker",
            interactive=True,
            filterable=False,
        )
        link = gr.Textbox(
            label="分享链接(里面是问题,打开时重新回答)",
            interactive=False,
            elem_id="pq-link",
            buttons=["copy"],
        )
        with gr.Row(elem_classes="pq-row"):
            share = gr.Button("生成分享链接", size="sm", elem_id="pq-share")
            forget = gr.Button("删除全部记录", size="sm", elem_id="pq-forget")
        with gr.Row(elem_classes="pq-row"):
            as_word = gr.Button("导出 Word", size="sm", elem_id="pq-word")
            as_markdown = gr.Button("导出 Markdown", size="sm", elem_id="pq-markdown")
        file = gr.File(label="导出的文件", visible=False, interactive=False, elem_id="pq-file")
    return picker, forget, link, share, as_markdown, as_word, file


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


def _opinion_row() -> Opinion:
    with gr.Row(elem_id="pq-opinion", elem_classes="pq-row"):
        useful = gr.Button("有用", size="sm", elem_id="pq-useful")
        useless = gr.Button("没用", size="sm", elem_id="pq-useless")
        told = gr.HTML("", elem_id="pq-told")
    with gr.Column(visible=False, elem_id="pq-why") as more:
        reason = gr.Dropdown(
            [(words, key) for key, words in REASONS.items()], label="哪里不好", filterable=False
        )
        text = gr.Textbox(
            label="想说的话(可以不填,不要写个人信息)", max_length=MOST_TEXT, lines=1, max_lines=3
        )
        send = gr.Button("提交", size="sm", elem_id="pq-say")
    return Opinion(useful=useful, useless=useless, more=more, reason=reason, text=text, send=send, told=told)


def _wire_opinion(desk: Desk, conversation: Any, opinion: Opinion) -> None:
    def said(line: str) -> str:
        return f'<p role="status">{escape(line)}</p>'

    def useful(talk: Conversation) -> tuple[Any, ...]:
        return said(desk.judged(talk, "useful", None, "")), gr.update(visible=False)

    def useless(talk: Conversation, reason: str | None, text: str) -> tuple[Any, ...]:
        return said(desk.judged(talk, "useless", reason, text)), gr.update(visible=False), None, ""

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


def _example_buttons() -> list[Any]:
    buttons = []
    for group, questions in EXAMPLES.items():
        gr.HTML(f"<h2>{group}常问</h2>")
        with gr.Row(elem_classes="pq-row"):
            buttons += [gr.Button(question, size="sm", elem_classes="pq-example") for question in questions]
    return buttons


def look() -> dict[str, Any]:
    """Theme and style of the page; fonts are the reader's own, none is fetched."""
    theme = gr.themes.Base(
        primary_hue="blue", neutral_hue="slate", font=list(_FONTS), font_mono=["ui-monospace", "monospace"]
    )
    return {"theme": theme, "css_paths": Path(__file__).resolve().parent.parent.parent / "app.css"}
