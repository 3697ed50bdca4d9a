"""Old Word (.doc) and WPS (.wps) files: LibreOffice turns them into .docx, where it is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ingest.errors import UnreadableDocument
from ingest.loaders.base import Loaded, read_bytes, refuse, sniff, wrong_kind
from ingest.loaders.docx import load_docx

TIMEOUT_SECONDS = 120
_USUAL_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
)


def load_office(path: Path) -> Loaded:
    """The text of a .doc or .wps file, by way of LibreOffice. Raises UnreadableDocument in one line."""
    raw = read_bytes(path)
    found = sniff(raw)
    if found is None:
        raise refuse(path, f"文件名是 {path.suffix.lower()}，内容却不是 Word 或 WPS 文档；请检查扩展名")
    # Files named .doc that hold RTF are Word's own; anything else has another reader or none.
    if found[1] != ".doc" and found[0] != "RTF":
        raise wrong_kind(path, found)
    program = find_office()
    if program is None:
        raise refuse(path, "读取 .doc 和 .wps 需要安装 LibreOffice；也可以先用 Word 或 WPS 另存为 .docx")
    with tempfile.TemporaryDirectory(prefix="policyqa-") as folder:
        converted = _convert(path, raw, program, Path(folder))
        try:
            return load_docx(converted)
        except UnreadableDocument as error:
            raise refuse(path, str(error).partition(":")[2]) from None


OFFICE_SUFFIXES = (".doc", ".wps")


def find_office() -> str | None:
    """LibreOffice's program on this machine, or None."""
    for name in ("soffice", "libreoffice"):
        program = shutil.which(name)
        if program:
            return program
    return next((place for place in _USUAL_PLACES if os.access(place, os.X_OK)), None)


def _convert(path: Path, raw: bytes, program: str, folder: Path) -> Path:
    # A copy with a plain name: no locks beside the original, no surprises from its name.
    source = folder / "input.doc"
    source.write_bytes(raw)
    target = folder / "out" / "input.docx"
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nologo",
        "--nodefault",
        "--nolockcheck",
        "--convert-to",
        "docx",
        "--outdir",
        str(target.parent),
        str(source),
    ]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise refuse(path, "LibreOffice 启动不了；请先用 Word 或 WPS 另存为 .docx") from None
    try:
        process.wait(timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        raise refuse(
            path, f"LibreOffice 转换超过 {TIMEOUT_SECONDS} 秒，已停止；请另存为 .docx 再试"
        ) from None
    finally:
        # LibreOffice starts helpers of its own; they are in its session.
        if process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if not target.is_file():
        raise refuse(path, "LibreOffice 没有转换成功（文件可能损坏或加密）；请另存为 .docx 再试")
    return target
