"""The administrator's page: files are uploaded, looked at, taken in; documents removed and replaced; what was asked in vain."""

from __future__ import annotations

import contextlib
import logging
import queue
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

# First, for it settles what Gradio reads once when it is imported.
from rag.web.page import NAME, look  # isort: skip

import gradio as gr
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from ingest.errors import BadInput, IndexBusy, NoIndex, PolicyQAError
from ingest.intake import Draft, Tell, opened, shown_name, suffixes
from ingest.library import Change, DocumentStatus
from ingest.settings import Settings
from ingest.unanswered import FILE as UNANSWERED
from ingest.unanswered import read_unanswered
from rag.web import feedback
from rag.web.accounts import LOCKED_S, USER, WRONG_TRIES, Login, LoginsEnd, OwnPagesOnly
from rag.web.admin_html import (
    documents_html,
    drafts_html,
    figures_html,
    named,
    notice_html,
    progress_html,
    unanswered_html,
)
from rag.web.own_host import AsAsked, OwnHostOnly

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

log = logging.getLogger(__name__)

PATH = "/admin"
MOST_DRAFTS = 20
_HERE = Path(__file__).resolve().parent
_MIB = 1024 * 1024
# Files that nobody decided on, and what the browser sent but nobody read, go after this.
_KEPT_S = 4 * 3600
_LOGIN_NOTE = (
    f"<p>用户名是 {USER}。连续输错 {WRONG_TRIES} 次，{LOCKED_S / 60:.0f} 分钟内不能登录，输对也不行。</p>"
)

# A file as it arrived: where it lies, and what its owner calls it.
Upload = tuple[Path, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows next; None leaves a part as it is."""

    notice: str | None = None
    drafts: tuple[Draft, ...] | None = None
    documents: tuple[DocumentStatus, ...] | None = None
    figures: Mapping[str, str] | None = None
    unanswered: str | None = None

    def outputs(self) -> tuple[Any, ...]:
        """In the order of the page's outputs: notice, waiting files, their preview, 收录 and 取消, documents, choice, figures, questions."""
        drafts: tuple[Any, ...] = (gr.skip(),) * 3
        if self.drafts is not None:
            drafts = (self.drafts, drafts_html(self.drafts), gr.update(visible=bool(self.drafts)))
        documents: tuple[Any, ...] = (gr.skip(),) * 2
        if self.documents is not None:
            choices = [(named(d), d.id) for d in self.documents]
            documents = (documents_html(self.documents), gr.update(choices=choices, value=None))
        figures = None if self.figures is None else figures_html(self.figures)
        notice, figures, unanswered = (
            gr.skip() if part is None else part for part in (self.notice, figures, self.unanswered)
        )
        return (notice, *drafts, *documents, figures, unanswered)


class AdminDesk:
    """Answers the page's events. Every failure is one line, and the index stays as it was."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._busy = threading.Lock()

    def opened(self) -> View:
        """What the page shows at first."""
        return View(
            notice="",
            drafts=(),
            documents=self.documents(),
            figures=figures(self._settings),
            unanswered=self._unanswered(),
        )

    def uploaded(
        self, files: Sequence[Upload], drafts: Sequence[Draft], replacing: str | None = None
    ) -> Iterator[View]:
        """Read the files that arrived; those that can be read wait beside the others for a decision."""
        waiting, faults = list(drafts), list[str]()

        def work(tell: Tell) -> list[str]:
            try:
                read_all(tell)
            finally:
                for path, _ in files:
                    _discard(path)
            return []

        def read_all(tell: Tell) -> None:
            with opened(self._settings) as intake, tempfile.TemporaryDirectory(prefix="policyqa-") as folder:
                for number, (path, name) in enumerate(files):
                    tell(f"正在读 {number + 1}/{len(files)}：{shown_name(name)}", number / len(files))
                    try:
                        place = self._own_place(path, name, Path(folder) / str(number), len(waiting))
                        waiting.append(intake.read(place, name, replacing, waiting))
                    except Exception as error:
                        faults.append(_line(error, f"{shown_name(name)}：读不了这个文件"))

        if (yield from self._working(work, exclusive=False)):
            yield View(notice=notice_html(faults, fault=True), drafts=tuple(waiting))

    def replaced(
        self, files: Sequence[Upload], drafts: Sequence[Draft], document_id: str | None
    ) -> Iterator[View]:
        """Read a file that shall take a document's place."""
        if document_id:
            yield from self.uploaded(files, drafts, document_id)
            return
        for path, _ in files:
            _discard(path)
        yield View(notice=notice_html(["请先选择要替换的文件"], fault=True))

    def taken(self, drafts: Sequence[Draft]) -> Iterator[View]:
        """Make the waiting files live; where that fails they go on waiting."""

        def work(tell: Tell) -> list[str]:
            if not drafts:
                raise BadInput("没有待收录的文件")
            with opened(self._settings, tell) as intake:
                change = intake.take(drafts)
                faults = intake.ask_model(change.put)
            return [_told(change), *faults]

        if (yield from self._working(work)):
            yield View(drafts=(), documents=self.documents())

    def dropped(self, drafts: Sequence[Draft]) -> View:
        """Forget the waiting files."""
        return View(notice=notice_html([f"已取消，{len(drafts)} 份文件没有收录"]), drafts=())

    def removed(self, document_id: str | None) -> Iterator[View]:
        """Take a document out of the index."""

        def work(tell: Tell) -> list[str]:
            if not document_id:
                raise BadInput("请先选择要移除的文件")
            with opened(self._settings, tell) as intake:
                return [_told(intake.take_out(document_id))]

        if (yield from self._working(work)):
            yield View(documents=self.documents())

    def refreshed(self) -> Iterator[View]:
        """Read anew what has changed, and rebuild what is not as it should be."""

        def work(tell: Tell) -> list[str]:
            with opened(self._settings, tell) as intake:
                return [_told(intake.refresh())]

        if (yield from self._working(work)):
            yield View(documents=self.documents())

    def cleared(self) -> View:
        """Forget the questions that found no answer."""
        try:
            (self._settings.data / UNANSWERED).unlink(missing_ok=True)
        except OSError:
            return View(notice=notice_html(["不能清空：没有权限改写这个文件"], fault=True))
        return View(notice=notice_html(["已清空没有答上的提问"]), unanswered=self._unanswered())

    def documents(self) -> tuple[DocumentStatus, ...]:
        """The documents held, those that can be removed first; none without an index."""
        try:
            with opened(self._settings) as intake:
                held = intake.status()
        except NoIndex:
            return ()
        return tuple(sorted(held, key=lambda d: d.origin not in ("added", "fetched")))

    def _unanswered(self) -> str:
        return unanswered_html(read_unanswered(self._settings.data), kept=self._settings.keep_unanswered)

    def _own_place(self, path: Path, name: str, place: Path, waiting: int) -> Path:
        """Move a file to a place that its name has no part in. Raises BadInput for what is not even opened."""
        shown, readable = shown_name(name), suffixes()
        suffix = Path(shown).suffix.lower()
        if waiting >= MOST_DRAFTS:
            raise BadInput(f"{shown}：一次最多 {MOST_DRAFTS} 份，请先收录或取消前面的")
        if suffix not in readable:
            raise BadInput(f"{shown}：不支持这种文件，可以上传 {'、'.join(readable)}")
        if path.stat().st_size > self._settings.max_upload_mib * _MIB:
            raise BadInput(f"{shown}：超过 {self._settings.max_upload_mib} MB，没有处理")
        return Path(shutil.move(path, place.with_suffix(suffix)))

    def _working(
        self, work: Callable[[Tell], list[str]], *, exclusive: bool = True
    ) -> Generator[View, None, bool]:
        """Run a piece of work and show how far it is; whether it succeeded. It ends even if nobody looks any more."""
        heard: queue.SimpleQueue[tuple[str, float] | None] = queue.SimpleQueue()
        done: list[list[str]] = []
        faults: list[str] = []

        def run() -> None:
            try:
                with self._alone() if exclusive else contextlib.nullcontext():
                    done.append(work(lambda line, share: heard.put((line, share))))
            except Exception as error:
                faults.append(_line(error, "没有做成，请稍后再试；原因见运行日志"))
            finally:
                heard.put(None)

        threading.Thread(target=run).start()
        while (said := heard.get()) is not None:
            yield View(notice=progress_html(*said))
        yield View(notice=notice_html(faults, fault=True) if faults else notice_html(done[0]))
        return not faults

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise IndexBusy("正在更新索引，请等上一步做完")
        try:
            yield
        finally:
            self._busy.release()


def _line(error: Exception, otherwise: str) -> str:
    """What went wrong, in one line; what nobody foresaw is logged."""
    if isinstance(error, PolicyQAError):
        return " ".join(str(error).split())
    log.exception("an administrator's request failed")
    return otherwise


def _told(change: Change) -> str:
    parts = (
        ("编入", change.put),
        ("移除", change.removed),
    )
    told = [f"已{word} {len(ids)} 份：{'、'.join(ids)}" for word, ids in parts if ids]
    if not told:
        told = ["索引已重建" if change.reindexed else "索引已是最新，没有需要做的事"]
    return "；".join(told)


def _discard(path: Path) -> None:
    """Delete an upload with the folder that Gradio made for it."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def figures(settings: Settings) -> Mapping[str, str]:
    """Figures of use and feedback by their names, where rag/web/feedback.py keeps them."""
    try:
        counted = feedback.figures(feedback.FeedbackStore(settings.data).all())
    except Exception:
        # Figures are worth less than the rest of the page.
        log.exception("the figures of use could not be read")
        return {}
    told = {name: str(counted.verdicts[verdict]) for verdict, name in feedback.VERDICTS.items()}
    return told | {
        f"没用的原因：{feedback.REASONS.get(key, key) or '没有说明'}": str(count)
        for key, count in counted.reasons.items()
    }


def build_admin(settings: Settings) -> gr.Blocks:
    """The page; whoever mounts it asks for the password."""
    desk = AdminDesk(settings)
    with gr.Blocks(
        title=f"{NAME} · 管理", analytics_enabled=False, delete_cache=(3600, _KEPT_S), fill_width=True
    ) as page:
        with gr.Column(elem_id="pq-admin"):
            gr.HTML(_head_html(settings))
            notice = gr.HTML(elem_id="pq-notice")
            gr.HTML(f"<h2>上传文件</h2><p>{_limits(settings)}</p>")
            upload = _upload_button("选择文件上传", "pq-upload", "multiple")
            waiting = gr.State((), time_to_live=_KEPT_S)
            preview = gr.HTML(elem_id="pq-drafts")
            with gr.Row(visible=False, elem_id="pq-decide") as decide:
                take = gr.Button("收录", variant="primary", elem_id="pq-take")
                drop = gr.Button("取消", elem_id="pq-drop")
            gr.HTML("<h2>已收录的文件</h2>")
            documents = gr.HTML(elem_id="pq-held")
            chosen = gr.Dropdown(label="选择一份文件", choices=[], value=None, elem_id="pq-chosen")
            with gr.Row():
                remove = gr.Button("移除所选文件", elem_id="pq-remove")
                replace = _upload_button("上传新版替换所选文件", "pq-replace", "single")
                refresh = gr.Button("重新编入索引", elem_id="pq-refresh")
            sure_remove, removing, kept = _question("确定移除所选的文件？移除以后就问不到它了。", "移除")
            shown_figures = gr.HTML(elem_id="pq-figures")
            gr.HTML("<h2>没有答上的提问</h2>")
            unanswered = gr.HTML(elem_id="pq-unanswered")
            clear = gr.Button("清空提问记录", elem_id="pq-clear-unanswered")
            sure_clear, clearing, left = _question("确定清空？清空以后找不回来。", "清空")

        parts = [notice, waiting, preview, decide, documents, chosen, shown_figures, unanswered]
        page.load(lambda: desk.opened().outputs(), None, parts, **_quiet())
        upload.upload(_each(desk.uploaded), [upload, waiting], [upload, *parts], **_quiet())
        replace.upload(_each(desk.replaced), [replace, waiting, chosen], [replace, *parts], **_quiet())
        take.click(_steps(desk.taken), [waiting], parts, **_quiet())
        drop.click(lambda drafts: desk.dropped(drafts).outputs(), [waiting], parts, **_quiet())
        refresh.click(_steps(desk.refreshed), None, parts, **_quiet())
        for ask, box in ((remove, sure_remove), (clear, sure_clear)):
            ask.click(lambda: gr.update(visible=True), None, [box], **_quiet())
        for yes_or_no, box in (
            (removing, sure_remove), (kept, sure_remove), (clearing, sure_clear), (left, sure_clear)
        ):  # fmt: skip
            yes_or_no.click(lambda: gr.update(visible=False), None, [box], **_quiet())
        removing.click(_steps(desk.removed), [chosen], parts, **_quiet())
        clearing.click(lambda: desk.cleared().outputs(), None, parts, **_quiet())
    page.queue(default_concurrency_limit=4)
    return page


def _quiet() -> dict[str, Any]:
    return {"show_progress": "hidden", "api_visibility": "private"}


def _steps(event: Callable[..., Iterator[View]]) -> Callable[..., Iterator[tuple[Any, ...]]]:
    def shown(*given: Any) -> Iterator[tuple[Any, ...]]:
        for view in event(*given):
            yield view.outputs()

    return shown


def _each(event: Callable[..., Iterator[View]]) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """An upload's event; the button forgets the files, so that the same ones can be sent again."""

    def shown(*given: Any) -> Iterator[tuple[Any, ...]]:
        for view in event(*given):
            # No gr.update: it would make the button anew, with Gradio's own reading of files (_upload_button).
            yield (None, *view.outputs())

    return shown


def _upload_button(label: str, elem_id: str, count: str) -> Any:
    button = gr.UploadButton(label, elem_id=elem_id, file_count=count, file_types=list(suffixes()))
    # Gradio's own leaves an empty temporary file behind for each upload, and refuses a wrong ending in English.
    button.preprocess = _uploads
    return button


def _uploads(payload: Any) -> list[Upload]:
    files = [] if payload is None else getattr(payload, "root", None) or [payload]
    return [(Path(file.path), file.orig_name or Path(file.path).name) for file in files]


def _question(line: str, word: str) -> tuple[Any, Any, Any]:
    with gr.Column(visible=False, elem_classes="pq-sure") as box:
        gr.HTML(f'<p role="alert">{line}</p>')
        with gr.Row():
            yes = gr.Button(f"确定{word}", variant="stop")
            no = gr.Button(f"不{word}")
    return box, yes, no


def _head_html(settings: Settings) -> str:
    return (
        f'<h1>{NAME} · 管理</h1><nav aria-label="页面"><a href="../">去问答页</a><a href="logout">退出登录</a></nav>'
        f'<p id="pq-refused" role="alert" data-limit="{settings.max_upload_mib}"></p>'
    )


def _limits(settings: Settings) -> str:
    return (
        f"可以一次选几份，支持 {'、'.join(suffixes())}，每份不超过 {settings.max_upload_mib} MB。"
        "先看读得对不对，点“收录”以后才能问到。"
    )


def mount_admin(app: FastAPI, settings: Settings) -> FastAPI:
    """Put the page at /admin, behind its password; without one in the settings there is no such page."""
    if settings.admin_password_hash is None:
        return app
    style = look()
    css = style.pop("css_paths")
    # White on Gradio's own blue and red is too faint to read; the login has this theme and no style of ours.
    style["theme"] = style["theme"].set(**_fills("primary", "#1d4ed8"), **_fills("cancel", "#b91c1c"))
    gr.mount_gradio_app(
        app,
        build_admin(settings),
        path=PATH,
        root_path=f"{settings.root_path}{PATH}" if settings.root_path else None,
        auth=Login(settings.admin_password_hash.get_secret_value()).allow,
        auth_message=_LOGIN_NOTE,
        max_file_size=settings.max_upload_mib * _MIB,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        show_error=False,
        head=f"<script>{(_HERE / 'admin.js').read_text(encoding='utf-8')}</script>",
        css_paths=[*(css if isinstance(css, list) else [css]), _HERE / "admin.css"],
        **style,
    )
    # Before the public page, which is mounted at / and would answer for every path.
    page = app.router.routes.pop()
    assert isinstance(page, Mount)
    inner: Any = page.app
    shown = OwnHostOnly(AsAsked(inner, settings.root_path), "frame-ancestors 'none'")
    page.app = LoginsEnd(OwnPagesOnly(shown), inner.tokens)
    app.router.routes[:0] = [Route(PATH, _with_slash), page]
    return app


def _fills(kind: str, colour: str) -> dict[str, str]:
    fills = {
        f"button_{kind}_{part}{mode}": colour
        for part in ("background_fill", "border_color")
        for mode in ("", "_dark")
    }
    return fills | {f"button_{kind}_text_color{mode}": "white" for mode in ("", "_dark")}


async def _with_slash(_request: Request) -> RedirectResponse:
    return RedirectResponse(f"{PATH.removeprefix('/')}/")
