"""The administrator's page: over the real index, and in a browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from docx import Document
from fastapi import FastAPI
from fastapi.testclient import TestClient
from reportlab.pdfgen.canvas import Canvas
from running_page import ROOT, Site, Visit, stop_site, watch

from ingest.intake import opened, shown_name
from ingest.settings import Settings, load_settings
from ingest.stores import generations
from ingest.stores.generations import writer_lock
from ingest.unanswered import note_unanswered, read_unanswered
from rag.build import open_assistant
from rag.types import Answer, Status
from rag.web import accounts
from rag.web.admin import MOST_DRAFTS, AdminDesk, View, mount_admin
from rag.web.admin_html import unanswered_html
from rag.web.feedback import keep_feedback

PASSWORD = "甘肃-Lanzhou 2026"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
TITLE = "临川市人民政府关于支持云杉产业发展的若干措施"
TEXT = f"""{TITLE}
临政发〔2023〕7号
各县(区)人民政府:
一、加大扶持
(一)建设云杉育苗基地。对新建育苗基地每亩补助八百元,用于棚膜和滴灌设备。(责任单位:市林业和草原局、市财政局)
(二)推动云杉深加工。鼓励企业建设精油提取生产线。(市云杉产业办公室牵头,市财政局配合)
临川市人民政府
2023年5月6日
"""
QUESTION = "云杉育苗基地每亩补助多少?"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped documents' index, made through the page's own button."""
    data = tmp_path_factory.mktemp("admin") / "data"
    desk = AdminDesk(load_settings(data=data))
    assert "还没有收录文件" in plain(desk.opened().outputs()[4])
    assert "已编入 40 份" in plain(last(desk.refreshed()).notice)
    return data


@pytest.fixture
def settings(built: Path, tmp_path: Path) -> Settings:
    return load_settings(data=Path(shutil.copytree(built, tmp_path / "data")))


@pytest.fixture
def desk(settings: Settings) -> AdminDesk:
    return AdminDesk(settings)


@pytest.fixture
def small(tmp_path: Path) -> AdminDesk:
    """Over no index at all: what does not turn on the shipped documents is quicker so."""
    return AdminDesk(load_settings(data=tmp_path / "small"))


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., tuple[Path, str]]:
    """A file as it arrives: in a folder of its own, with the name that its owner gave it."""

    def arrive(name: str = "云杉措施.txt", content: bytes | str = TEXT) -> tuple[Path, str]:
        folder = tmp_path / "arrived" / str(len(list((tmp_path).glob("arrived/*"))))
        folder.mkdir(parents=True)
        path = folder / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path, name

    return arrive


def last(views: Iterator[View]) -> View:
    """What the page shows at the end, each part as last told."""
    shown: dict[str, Any] = {}
    for view in views:
        shown |= {name: value for name in view.__slots__ if (value := getattr(view, name)) is not None}
    return View(**shown)


def plain(html: str | None) -> str:
    return re.sub(r"<[^>]+>", " ", html or "")


def state(settings: Settings) -> tuple[list[str], list[str]]:
    """The catalogue and the names of the index folders: what must not change."""
    with opened(settings) as intake:
        facts = [repr(status) for status in intake.status()]
    return facts, sorted(p.name for p in (settings.data / "indexes").iterdir())


def test_a_file_is_looked_at_taken_in_and_asked(desk: AdminDesk, settings: Settings, upload: Any) -> None:
    before = state(settings)
    arrived = upload()
    view = last(desk.uploaded([arrived], ()))
    assert view.drafts
    (draft,) = view.drafts
    assert state(settings) == before
    assert not arrived[0].exists()
    assert not arrived[0].parent.exists()

    preview = plain(view.outputs()[2])
    for told in (
        TITLE, "临政发〔2023〕7号", "临川市人民政府", "2023-05-06", "云杉措施.txt", "(一)建设云杉育苗基地", "一、加大扶持",
        "牵头：市云杉产业办公室；配合：市财政局",
    ):  # fmt: skip
        assert told in preview
    assert "市云杉产业办公室" in draft.unknown
    assert not draft.warnings

    steps = list(desk.taken(view.drafts))
    assert any(f"正在编入 1/1：《{TITLE}》" in plain(step.notice) for step in steps)
    done = last(iter(steps))
    assert "已编入 1 份：云杉措施" in plain(done.notice)
    assert done.drafts == ()
    assert done.documents
    # What was added stands first, and the preview told the same bodies as the index holds.
    assert (done.documents[0].id, done.documents[0].title) == ("云杉措施", TITLE)
    assert done.documents[0].unknown_bodies == draft.unknown

    with open_assistant(settings) as assistant:
        answer = assistant.ask([QUESTION])
        assert "八百元" in answer.text
        assert answer.citations[0].document_id == "云杉措施"
        assert answer.citations[0].source == "用户添加的文件 云杉措施.txt"


def test_what_is_dropped_was_never_there(desk: AdminDesk, settings: Settings, upload: Any) -> None:
    before = state(settings)
    drafts = last(desk.uploaded([upload()], ())).drafts
    assert drafts
    view = desk.dropped(drafts)
    assert view.drafts == ()
    assert "没有收录" in plain(view.notice)
    assert state(settings) == before
    assert "没有待收录的文件" in plain(last(desk.taken(())).notice)


def word(tmp_path: Path) -> bytes:
    document = Document()
    for line in TEXT.splitlines():
        document.add_paragraph(line)
    document.save(tmp_path / "made.docx")
    return (tmp_path / "made.docx").read_bytes()


def picture_only(tmp_path: Path) -> bytes:
    canvas = Canvas(str(tmp_path / "made.pdf"))
    canvas.rect(50, 50, 400, 600, fill=1)
    canvas.save()
    return (tmp_path / "made.pdf").read_bytes()


def locked_zip(tmp_path: Path) -> bytes:
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as package:
        package.writestr("a.txt", "nothing")
    return (tmp_path / "made.zip").read_bytes()


def test_every_format_is_read_by_its_content(desk: AdminDesk, upload: Any, tmp_path: Path) -> None:
    pages = "".join(f"<p>{line}</p>" for line in TEXT.splitlines())
    files = {
        "措施.txt": TEXT,
        "措施.TXT": TEXT.encode("gb18030"),
        "措施.md": TEXT,
        "措施.html": f"<html><head><title>{TITLE}</title></head><body>{pages}</body></html>",
        "措施.docx": word(tmp_path),
        "../../etc/又一份.txt": TEXT,
    }
    view = last(desk.uploaded([upload(name, content) for name, content in files.items()], ()))
    assert view.drafts, plain(view.notice)
    assert [draft.name for draft in view.drafts] == [name.rpartition("/")[2] for name in files]
    for draft in view.drafts:
        assert draft.parsed.document.metadata.title == TITLE
        assert [clause.label for clause in draft.parsed.clauses] == ["(一)", "(二)"]


BAD_FILES: list[tuple[str, Any, str]] = [
    ("表格.xlsx", b"PK", "不支持这种文件"),
    ("没有扩展名", TEXT, "不支持这种文件"),
    ("脚本.txt.exe", TEXT, "不支持这种文件"),
    ("空.txt", b"", "文件是空的"),
    ("空白.md", b" \n\n ", "文件是空的"),
    ("其实是压缩包.docx", locked_zip, "内容却不是 Word 文档"),
    ("其实是文字.pdf", TEXT, "其实是文字.pdf："),
    ("其实是网页.txt", "<!doctype html><html><body>政策</body></html>", "请把扩展名改为 .html"),
    ("坏的.pdf", b"%PDF-1.7\n1 0 obj <<", "坏的.pdf："),
    ("只有图.pdf", picture_only, "没有文字"),
    ("程序.txt", b"\x7fELF\x02\x01\x01\x00\x00", "内容却是 程序"),
    ("乱码.txt", bytes(range(256)) * 20, "乱码.txt："),
    ("太大.txt", "政策" * 400_000, "超过 1 MB"),
    ("<img src=x onerror=alert(1)>.exe", TEXT, "不支持这种文件"),
]


def test_a_bad_file_is_one_plain_line_and_changes_nothing(
    settings: Settings, upload: Any, tmp_path: Path
) -> None:
    desk = AdminDesk(settings.model_copy(update={"max_upload_mib": 1}))
    before = state(settings)
    waiting = last(desk.uploaded([upload()], ())).drafts or ()
    files = [upload(name, made(tmp_path) if callable(made) else made) for name, made, _ in BAD_FILES]
    view = last(desk.uploaded(files, waiting))
    assert view.notice
    told = [plain(line).strip() for line in re.findall("<p>.*?</p>", view.notice)]
    assert len(told) == len(BAD_FILES)
    for (name, _, line), found in zip(BAD_FILES, told, strict=True):
        assert line in found
        # Its own name, not the place where it lay.
        assert found.startswith(f"{escape(name)}：")
    assert str(tmp_path) not in view.notice
    assert "policyqa-" not in view.notice
    assert "<img" not in view.notice
    # What waited goes on waiting.
    assert view.drafts == waiting
    assert not any(path.exists() for path, _ in files)
    assert state(settings) == before


def test_the_good_ones_of_several_files_wait(desk: AdminDesk, upload: Any) -> None:
    files = [
        upload(),
        upload("坏.pdf", b"%PDF-"),
        upload("另一份.txt", TEXT.replace("7号", "8号") + "附注。"),
    ]
    view = last(desk.uploaded(files, ()))
    assert view.drafts
    assert [draft.name for draft in view.drafts] == ["云杉措施.txt", "另一份.txt"]
    assert plain(view.notice).count("坏.pdf") == 1
    assert any("标题与待收录的一份文件相同" in line for line in view.drafts[1].warnings)


def test_where_nothing_can_be_read_what_waits_stays_and_the_upload_goes(
    desk: AdminDesk, upload: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.web.admin.tempfile.TemporaryDirectory", full)
    arrived = upload()
    view = last(desk.uploaded([arrived], ()))
    assert plain(view.notice).strip() == "没有做成，请稍后再试；原因见运行日志"
    assert view.drafts is None
    assert not arrived[0].exists()


def test_no_more_than_so_many_wait(desk: AdminDesk, upload: Any) -> None:
    files = [upload(f"第{n}份.txt", f"{TEXT}\n编号{n}") for n in range(MOST_DRAFTS + 1)]
    view = last(desk.uploaded(files, ()))
    assert view.drafts
    assert len(view.drafts) == MOST_DRAFTS
    assert f"第{MOST_DRAFTS}份.txt：一次最多" in plain(view.notice)


@pytest.mark.parametrize(
    ("name", "content", "warning"),
    [
        ("无条.txt", "关于放假的通知\n" + "各单位请按时放假并安排好值班工作。\n" * 12, "没有认出条文编号"),
        ("无人.txt", TEXT.replace("(责任单位:市林业和草原局、市财政局)", "").replace("(市云杉产业办公室牵头,市财政局配合)", ""), "没有认出牵头、负责、配合的单位"),
        ("短.txt", "一、放假。\n二、值班。", "只读到 10 个字"),
        ("english.txt", "1. This is an English text about nothing.\n2. And it goes on and on for a while.\n" * 5, "汉字很少"),
        ("重号.txt", TEXT.replace("临政发〔2023〕7号", "国办发〔2014〕54号") + "又一段。", "标题与这份提要的不一样"),
        ("重号.txt", TEXT.replace("临政发〔2023〕7号", "国发〔2099〕1号"), ""),
    ],
)  # fmt: skip
def test_what_looks_odd_is_told_before_it_is_taken_in(
    desk: AdminDesk, upload: Any, name: str, content: str, warning: str
) -> None:
    view = last(desk.uploaded([upload(name, content)], ()))
    assert view.drafts, plain(view.notice)
    told = view.drafts[0].warnings
    assert any(line.startswith(warning) for line in told) if warning else not told
    assert all(line in plain(view.outputs()[2]) for line in told)


def test_the_same_again_is_told_and_stands_beside_the_first(small: AdminDesk, upload: Any) -> None:
    first = last(small.uploaded([upload()], ())).drafts or ()
    assert "已编入" in plain(last(small.taken(first)).notice)
    for content, line in (
        (TEXT, "完全一样"),
        (TEXT.replace("八百元", "九百元").replace("云杉产业", "云杉"), "文号与已收录的"),
    ):
        again = last(small.uploaded([upload(content=content)], ())).drafts or ()
        assert any(line in warning for warning in again[0].warnings)
    # Under the same file name: neither document is lost.
    assert "已编入 1 份：云杉措施-2" in plain(last(small.taken(again)).notice)
    assert {"云杉措施", "云杉措施-2"} <= {d.id for d in small.documents()}


def test_two_files_of_one_name_are_both_taken_in(small: AdminDesk, upload: Any) -> None:
    files = [upload(), upload(content=TEXT.replace("7号", "9号"))]
    drafts = last(small.uploaded(files, ())).drafts or ()
    assert "已编入 2 份：云杉措施、云杉措施-2" in plain(last(small.taken(drafts)).notice)


@pytest.mark.slow
def test_a_new_version_takes_the_place_of_the_old(small: AdminDesk, upload: Any, tmp_path: Path) -> None:
    last(small.taken(last(small.uploaded([upload()], ())).drafts or ()))
    view = last(small.replaced([upload("新版.txt", TEXT.replace("八百元", "九百元"))], (), "云杉措施"))
    assert view.drafts
    assert f"收录后替换《{TITLE}》" in plain(view.outputs()[2])
    second = last(small.replaced([upload("再来.txt")], view.drafts, "云杉措施"))
    assert "另一份待收录的文件已经要替换" in plain(second.notice)
    last(small.taken(view.drafts))
    assert [d.id for d in small.documents()] == ["云杉措施"]
    with open_assistant(load_settings(data=tmp_path / "small")) as assistant:
        assert "九百元" in assistant.ask([QUESTION]).text
    # What has been removed meanwhile is not replaced.
    stale = last(small.replaced([upload()], (), "云杉措施")).drafts or ()
    last(small.removed("云杉措施"))
    told = last(small.taken(stale))
    assert "要替换的文件已经不在了" in plain(told.notice)
    assert told.drafts is None


@pytest.mark.parametrize(
    ("document_id", "line"),
    [
        (None, "请先选择"),
        ("gansu-etdz-2015", "是自带的"),
        ("guobanfa-2014-54", "是自带的"),
        ("没有这份", "没有|不在"),
    ],
)
def test_shipped_and_unknown_documents_are_neither_removed_nor_replaced(
    desk: AdminDesk, settings: Settings, upload: Any, document_id: str | None, line: str
) -> None:
    before = state(settings)
    assert re.search(line, plain(last(desk.removed(document_id)).notice))
    arrived = upload()
    view = last(desk.replaced([arrived], (), document_id))
    assert re.search(line, plain(view.notice))
    assert not view.drafts
    assert not arrived[0].exists()
    assert state(settings) == before


@pytest.mark.slow
def test_an_original_takes_its_digests_place(desk: AdminDesk, upload: Any) -> None:
    text = TEXT.replace("临政发〔2023〕7号", "国办发〔2014〕54号")
    drafts = last(desk.uploaded([upload(content=text)], ())).drafts or ()
    assert "已编入 1 份：guobanfa-2014-54" in plain(last(desk.taken(drafts)).notice)
    held = {d.id: d.origin for d in desk.documents()}
    assert held["guobanfa-2014-54"] == "added"
    other = last(desk.replaced([upload()], (), "guobanfa-2014-54"))
    assert "文号和标题都与" in plain(other.notice)
    assert not other.drafts


def test_while_another_process_writes_nothing_changes_and_one_line_says_so(
    small: AdminDesk, upload: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(data=tmp_path / "small")
    last(small.taken(last(small.uploaded([upload()], ())).drafts or ()))
    drafts = last(small.uploaded([upload("另一份.txt")], ())).drafts or ()
    before = state(settings)
    monkeypatch.setattr(generations, "_LOCK_WAIT_S", 0.05)
    with writer_lock(settings.data):
        for views in (small.taken(drafts), small.removed("云杉措施"), small.refreshed()):
            told = last(views)
            assert plain(told.notice).strip() == "另一个程序正在更新索引，请稍后再试"
            assert told.drafts is None
    assert state(settings) == before


def test_one_change_at_a_time(small: AdminDesk, upload: Any) -> None:
    drafts = last(small.uploaded([upload()], ())).drafts or ()
    first = small.taken(drafts)
    next(first)
    assert "请等上一步做完" in plain(last(small.removed("云杉措施")).notice)
    assert "已编入" in plain(last(first).notice)


def test_a_failure_nobody_foresaw_is_one_line_and_the_index_stays(
    small: AdminDesk, upload: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(data=tmp_path / "small")
    last(small.taken(last(small.uploaded([upload()], ())).drafts or ()))
    drafts = last(small.uploaded([upload()], ())).drafts or ()
    before = state(settings)

    def broken(*_: Any) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("ingest.library.build_dense", broken)
    told = last(small.taken(drafts))
    assert plain(told.notice).strip() == "没有做成，请稍后再试；原因见运行日志"
    assert told.drafts is None
    assert state(settings) == before


def test_a_whole_index_is_left_as_it_is_and_a_damaged_one_repaired(
    desk: AdminDesk, settings: Settings
) -> None:
    made = state(settings)
    assert "没有需要做的事" in plain(last(desk.refreshed()).notice)
    assert state(settings) == made
    shutil.rmtree(settings.data / "indexes" / made[1][0] / "lexical")
    assert "索引已重建" in plain(last(desk.refreshed()).notice)
    with opened(settings) as intake:
        assert intake.verify(repair=False) == ()


def test_unanswered_questions_are_listed_and_cleared(settings: Settings) -> None:
    desk = AdminDesk(settings.model_copy(update={"keep_unanswered": True}))
    assert "没有记录到" in plain(desk.opened().unanswered)
    for question in ("月球上能办厂吗?", "<b>粗</b>\u202e倒"):
        note_unanswered(settings.data, question)
    shown = desk.opened().unanswered or ""
    assert shown.index("粗") < shown.index("月球上能办厂吗?")
    assert "<b>" not in shown
    assert "\u202e" not in shown
    assert "没有记录到" in plain(desk.cleared().unanswered)
    assert read_unanswered(settings.data) == ()


def test_a_long_list_of_questions_is_cut_and_says_so() -> None:
    shown = unanswered_html([f"问{n}" for n in range(500)], kept=True)
    assert shown.count("<li>") == 200
    assert "共 500 个" in shown
    assert "POLICYQA_KEEP_UNANSWERED" in unanswered_html([], kept=False)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("通知.docx", "通知.docx"),
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("C:\\政策\\通知.txt", "通知.txt"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("一\x00二\n三.pdf", "一二三.pdf"),
        ("长" * 500 + ".docx", "长" * 120 + ".docx"),
        ("", "未命名文件"),
        ("/", "未命名文件"),
        (".txt", "txt"),
    ],
)
def test_a_files_name_is_shown_plainly(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def test_figures_of_what_readers_think_are_shown(settings: Settings) -> None:
    answer = Answer(question="贷款贴息找谁?", text="省财政厅牵头。", status=Status.ANSWERED)
    assert keep_feedback(settings, answer, "useful").kept
    assert keep_feedback(settings, answer, "useless", "wrong_body").kept
    html = AdminDesk(settings).opened().outputs()[6]
    assert "<dt>有用</dt><dd>1</dd>" in html and "<dt>没用的原因：部门不对</dt><dd>1</dd>" in html


def test_figures_that_cannot_be_read_leave_the_page_as_it_is(settings: Settings) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / "feedback.sqlite3").write_bytes(b"no database at all" * 100)
    assert AdminDesk(settings).opened().outputs()[6] == ""


HOSTILE = """<script>alert(1)</script>关于<img src=x onerror=alert(2)>的通知
甘政发〔2024〕3号
一、第一条<b>粗</b>\u202e反\u200b的。(<i>省财政厅</i>牵头)
(一)甲。javascript:alert(3)
"""


def test_markup_in_a_file_stays_text(desk: AdminDesk, upload: Any) -> None:
    view = last(desk.uploaded([upload('"><img src=x>.txt', HOSTILE)], ()))
    preview = view.outputs()[2]
    for tag in ("<script", "<img", "<b>", "<i>", "\u202e", "\u200b"):
        assert tag not in preview
    assert "&lt;" in preview


def test_without_a_password_there_is_no_such_page(settings: Settings) -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    assert mount_admin(app, settings).router.routes == []


@pytest.fixture(scope="module")
def client(built: Path) -> Iterator[TestClient]:
    settings = load_settings(data=built).model_copy(update={"admin_password_hash": secret()})
    with TestClient(mount_admin(FastAPI(), settings), base_url="http://127.0.0.1") as found:
        yield found


def secret() -> Any:
    os.environ["POLICYQA_ADMIN_PASSWORD_HASH"] = HASH
    try:
        return load_settings().admin_password_hash
    finally:
        del os.environ["POLICYQA_ADMIN_PASSWORD_HASH"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/admin/gradio_api/upload"),
        ("POST", "/admin/gradio_api/queue/join"),
        ("GET", "/admin/gradio_api/queue/data"),
        ("GET", "/admin/gradio_api/info"),
        ("GET", "/admin/config"),
        ("POST", "/admin/gradio_api/run/predict"),
    ],
)
def test_nothing_is_done_without_the_login(client: TestClient, method: str, path: str) -> None:
    assert (
        client.request(method, path, files={"files": b"x"} if "upload" in path else None).status_code == 401
    )


def test_a_login_that_has_ended_lets_nobody_in(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(data=built).model_copy(update={"admin_password_hash": secret()})
    with TestClient(mount_admin(FastAPI(), settings), base_url="http://127.0.0.1") as visitor:
        login = visitor.post("/admin/login", data={"username": "admin", "password": PASSWORD})
        assert login.status_code == 200
        assert visitor.get("/admin/config").status_code == 200
        monkeypatch.setattr(accounts, "LOGGED_IN_S", 0.0)
        assert visitor.get("/admin/config").status_code == 401


def test_the_page_before_the_login_tells_nothing_and_asks_no_other_host(client: TestClient) -> None:
    moved = client.get("/admin", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (307, "admin/")
    page = client.get("/admin")
    assert page.status_code == 200
    assert '<html\n\tlang="zh-CN"' in page.text or 'lang="zh-CN"' in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page.text)
    for told in ("pq-upload", "gansu-etdz-2015", HASH):
        assert told not in page.text


# As app.py does, with settings from the environment.
_SERVE = """
import sys
from pathlib import Path
import app
from ingest.settings import load_settings
settings = load_settings(data=Path(sys.argv[1]))
listener = app.listen("127.0.0.1", 0)
from rag.web.desk import Desk
from rag.web.page import build_page
app.serve(app.web_app(build_page(Desk(settings)), settings), listener, lambda: None)
"""


@contextmanager
def admin_site(data: Path, folder: Path, *, password_hash: str) -> Iterator[Site]:
    (folder / "uploads").mkdir()
    output = folder / "output"
    environment = os.environ | {
        "POLICYQA_ADMIN_PASSWORD_HASH": password_hash,
        "POLICYQA_KEEP_UNANSWERED": "true",
        "POLICYQA_MAX_UPLOAD_MIB": "1",
        "GRADIO_TEMP_DIR": str(folder / "uploads"),
        "PYTHONUTF8": "1",
    }
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(data)], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    deadline = time.monotonic() + 90
    while not (found := re.search(r"http://127\.0\.0\.1:\d+", output.read_text(encoding="utf-8"))):
        assert process.poll() is None, output.read_text(encoding="utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.1)
    site = Site(url=found.group(), process=process, output=output)
    yield site
    stop_site(site)


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("admin-site")


@pytest.fixture(scope="module")
def running(built: Path, site_folder: Path, browser: Any) -> Iterator[Site]:
    data = Path(shutil.copytree(built, site_folder / "data"))
    with admin_site(data, site_folder, password_hash=HASH) as site:
        yield site


@pytest.fixture
def page(browser: Any, running: Site) -> Iterator[Any]:
    """The login, on a phone; nothing may leave the machine or go wrong in it."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    made = Visit(context.new_page())
    watch(context, made)
    made.page.goto(f"{running.url}/admin")
    made.page.get_by_label("密码").wait_for()
    yield made.page
    context.close()
    # A refused login is a 400, what needs one a 401; the browser notes both.
    assert [told for told in made.complaints if not re.search("40[01]", told)] == []


def log_in(page: Any, password: str = PASSWORD) -> None:
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def send(page: Any, button: str, *files: dict[str, Any]) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(list(files))


def as_file(name: str, content: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": content.encode()}


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.slow
def test_an_administrator_works_through_the_page(
    running: Site, page: Any, visit: Callable[..., Visit], site_folder: Path
) -> None:
    from playwright.sync_api import expect

    log_in(page, "falsch")
    page.get_by_text("凭据不正确").wait_for()
    log_in(page)
    expect(page.locator("#pq-held")).to_contain_text("共 40 份")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    notice = page.locator("#pq-notice")

    send(page, "选择文件上传", as_file("太大.txt", "政策" * 400_000))
    expect(page.locator("#pq-refused")).to_have_text("超过 1 MB,没有上传:太大.txt")
    send(page, "选择文件上传", as_file("云杉措施.txt", TEXT), as_file("坏.pdf", "%PDF-"))
    expect(notice).to_contain_text("坏.pdf：")
    expect(page.locator("#pq-refused")).to_be_empty()
    draft = page.locator(".pq-draft")
    expect(draft).to_have_count(1)
    expect(draft).to_contain_text("临政发〔2023〕7号")
    expect(draft.locator(".pq-bodies")).to_contain_text("市云杉产业办公室牵头 1 条 部门表里没有")
    draft.locator("summary").click()
    draft.locator("summary").click()
    expect(draft.locator(".pq-outline")).to_contain_text("(一)建设云杉育苗基地")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    page.get_by_role("button", name="取消").click()
    expect(notice).to_contain_text("已取消，1 份文件没有收录")
    expect(draft).to_have_count(0)
    # The very same file again.
    send(page, "选择文件上传", as_file("云杉措施.txt", TEXT))
    expect(draft).to_have_count(1)
    page.get_by_role("button", name="收录", exact=True).click()
    expect(notice).to_contain_text("已编入 1 份：云杉措施", timeout=30_000)
    expect(page.locator("#pq-held li").first).to_contain_text(TITLE)
    assert [path for path in (site_folder / "uploads").rglob("*") if path.is_file()] == []

    public = visit(running)
    assert "八百元" in public.ask(QUESTION)
    note_unanswered(site_folder / "data", "住房公积金贷款利率是多少?")

    page.reload()
    expect(page.locator("#pq-held")).to_contain_text("共 41 份")
    expect(page.locator("#pq-unanswered")).to_contain_text("住房公积金贷款利率是多少?")
    page.get_by_role("button", name="清空提问记录").click()
    page.get_by_role("button", name="确定清空").click()
    expect(page.locator("#pq-unanswered")).to_contain_text("没有记录到没答上的提问")

    page.get_by_label("选择一份文件").click()
    page.get_by_role("option", name=TITLE).click()
    send(page, "上传新版替换所选文件", as_file("新版.txt", TEXT.replace("八百元", "九百元")))
    expect(draft).to_contain_text(f"收录后替换《{TITLE}》")
    page.get_by_role("button", name="取消").click()
    expect(draft).to_have_count(0)
    page.get_by_role("button", name="移除所选文件").click()
    page.get_by_role("button", name="不移除").click()
    expect(page.get_by_role("button", name="确定移除")).to_have_count(0)
    page.get_by_role("button", name="移除所选文件").click()
    page.get_by_role("button", name="确定移除").click()
    expect(notice).to_contain_text("已移除 1 份：云杉措施", timeout=30_000)
    # In sight though the button is far down the page.
    expect(notice).to_be_in_viewport()
    expect(page.locator("#pq-held")).to_contain_text("共 40 份")
    assert "八百元" not in public.ask(QUESTION)

    page.get_by_role("link", name="退出登录").click()
    page.get_by_label("密码").wait_for()
    assert page.goto(f"{running.url}/admin/config").status == 401


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
# The last one: afterwards nobody gets in.
def test_ten_wrong_passwords_lock_the_right_one_out(page: Any) -> None:
    from playwright.sync_api import expect

    for number in range(10):
        with page.expect_response("**/login") as response:
            log_in(page, f"falsch {number}")
        assert response.value.status == 400
    expect(page.get_by_label("密码")).to_have_value("")
    with page.expect_response("**/login") as response:
        log_in(page)
    assert response.value.status == 400
    expect(page.get_by_text("15 分钟内不能登录")).to_be_visible()
    assert page.locator("#pq-upload").count() == 0
