"""A site of a government as it may be met: a real HTTPS server on this machine, its pages, and its misbehaviour."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingest.download import Downloader, Limits, is_public

HOST = "www.policy.example"
OTHER_HOST = "other.policy.example"
# On the same address, but the certificate does not name it.
UNNAMED_HOST = "unnamed.policy.example"

TITLE = "云岭省人民政府办公厅关于支持产业园区提质增效的若干意见"
NUMBER = "云政办发〔2021〕33号"
_OPENING = (
    "各市、州人民政府,省政府各部门:",
    "为推动产业园区做优做强,经省政府同意,现提出以下意见。",
)
_CLAUSES = (
    "一、优化园区布局",
    "（一）完善园区规划。各园区要科学编制发展规划,明确主导产业。（省发展改革委牵头,省自然资源厅配合）",
    "（二）盘活存量土地。支持园区依法收回闲置土地,优先用于新建厂房。（省自然资源厅牵头,省财政厅配合）",
    "二、强化要素保障",
    "（三）加大融资支持。鼓励银行为园区企业提供中长期贷款,降低融资成本。（省财政厅负责）",
)
_SIGNED = ("云岭省人民政府办公厅", "2021年6月8日")


def _paragraphs(lines: Sequence[str]) -> str:
    return "\n".join(f'<p style="text-indent:2em">　　{line}</p>' for line in lines)


def _record_rows(title: str, number: str) -> str:
    return (
        "<tr><td><b>索 引 号：</b></td><td>000019999/2021-00033</td><td><b>主题分类：</b></td><td>经济管理</td></tr>"
        "<tr><td><b>发文机关：</b></td><td>云岭省人民政府办公厅</td><td><b>成文日期：</b></td><td>2021年06月08日</td></tr>"
        f'<tr><td><b>标　　题：</b></td><td colspan="3">{title}</td></tr>'
        f"<tr><td><b>发文字号：</b></td><td>{number}</td><td><b>发布日期：</b></td><td>2021年06月15日</td></tr>"
    )


def page(title: str = TITLE, number: str | None = NUMBER, charset: str = "utf-8", below: str = "") -> str:
    """A document's page: its record in a table, its text, what the site puts around it."""
    record = _record_rows(title, number) if number else ""
    lines = (*_OPENING, *_CLAUSES, *_SIGNED)
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{title}_政策文件_云岭省人民政府网</title></head><body>'
        '<div class="nav"><a href="/">首页</a><a href="/zw">政务公开</a></div>'
        f'<table class="bd1"><tbody>{record}</tbody></table><h1>{title}</h1>'
        f'<div id="UCAP-CONTENT" class="pages_content">{_paragraphs(lines)}</div>{below}'
        '<div class="footer">主办：云岭省人民政府办公厅</div></body></html>'
    )


RECORD_PAGE = page()
ATTACHMENTS_PAGE = page(
    below='<div class="fujian"><p>附件：</p><a href="P02021.docx">附件1：重点任务分工表.docx</a><br>'
    '<a href="P02022.pdf">附件2：园区名单.pdf</a></div>'
)
# Declared as gb2312, but 䶮 is only in GB18030.
GB_PAGE = page(charset="gb2312", below="<p>联系人：刘䶮</p>").encode("gb18030")
OTHER_PAGE = page(title="云岭省人民政府办公厅关于做好防汛工作的通知", number="云政办发〔2021〕35号")
MISSING_PAGE = (
    "<html><head><title>404 页面不存在</title></head><body><h1>404 页面不存在</h1>"
    "<p>您访问的页面不存在或已删除,请检查网址,或返回首页重新查找,给您带来不便,敬请谅解。</p></body></html>"
)
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the site, and how it goes wrong."""

    status: int = 200
    body: bytes | str = b""
    content_type: str | None = _HTML
    headers: tuple[tuple[str, str], ...] = ()
    # Content-Length: the true one, none (the connection's end is the body's), or a wrong one.
    length: int | bool = True
    # Seconds before it answers at all.
    wait: float = 0.0
    # Seconds between single bytes; of the body, or of the headers as well.
    drip: float = 0.0
    drip_headers: bool = False
    # Hang up before the body, or without the farewell of TLS after it.
    drop: bool = False
    # Say so much more, in endless zeros.
    endless: bool = False


def redirect(to: str, status: int = 302, wait: float = 0.0) -> Reply:
    return Reply(status=status, headers=(("Location", to),), wait=wait)


def zipped(content: bytes) -> Reply:
    return Reply(body=gzip.compress(content), headers=(("Content-Encoding", "gzip"),))


@dataclass
class Site:
    """The server's pages by path: answers given in turn, the last one again and again."""

    port: int
    authority: Path
    pages: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    def put(self, path: str, *replies: Reply | bytes | str) -> str:
        """Answer `path` so from now on; its address."""
        self.pages[path] = [r if isinstance(r, Reply) else Reply(body=r) for r in replies]
        return self.url(path)

    def url(self, path: str, host: str = HOST) -> str:
        return f"https://{host}:{self.port}{path}"

    def sites(self, *hosts: str) -> tuple[str, ...]:
        return tuple(f"{host}:{self.port}" for host in hosts)

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, robots.txt left out."""
        return [path for path in self.requests if path != "/robots.txt"]

    def address_ok(self, address: str, port: int) -> bool:
        """The real check, but for this server."""
        return is_public(address, port) or (address, port) == ("127.0.0.1", self.port)

    def resolver(self, host: str, port: int) -> tuple[str, ...]:
        """Every name leads here."""
        self.looked_up.append(host)
        return ("127.0.0.1",)

    def downloader(self, **parts: Any) -> Downloader:
        """A downloader that may visit this server; sleep is noted instead of slept."""
        return Downloader(
            parts.pop("sites", self.sites(HOST, OTHER_HOST)),
            **{
                "delay_s": 0.0,
                "address_ok": self.address_ok,
                "resolver": self.resolver,
                "ssl_context": ssl.create_default_context(cafile=str(self.authority)),
                "sleep": self.slept.append,
                "limits": Limits(total_s=10, idle_s=5),
            }
            | parts,
        )

    def next_reply(self, path: str) -> Reply:
        replies = self.pages.get(path)
        if not replies:
            return Reply(status=404, body=MISSING_PAGE)
        return replies.pop(0) if len(replies) > 1 else replies[0]


class _Handler(BaseHTTPRequestHandler):
    site: Site
    server: _Server
    protocol_version = "HTTP/1.1"
    # Headers and body are sent apart; without this each answer waits 40 ms.
    disable_nagle_algorithm = True

    def handle(self) -> None:
        # A client that does not like the certificate, or has seen enough, hangs up.
        with contextlib.suppress(OSError):
            self.connection.do_handshake()
            super().handle()

    def do_GET(self) -> None:
        self.site.requests.append(self.path)
        self.site.headers.append({name.lower(): value for name, value in self.headers.items()})
        reply = self.site.next_reply(self.path)
        time.sleep(reply.wait)
        self.close_connection = True
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        if reply.content_type is not None:
            self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.length is not False:
            self.send_header("Content-Length", str(len(body) if reply.length is True else reply.length))
        if reply.drip_headers:
            self._drip(b"X-Slow: " + b"x" * 10_000, reply.drip)
        self.end_headers()
        if reply.drip:
            self._drip(body, reply.drip)
        else:
            self.wfile.write(body)
        while reply.endless:
            self.wfile.write(bytes(65536))
        self.wfile.flush()
        if not reply.drop:
            self.connection.unwrap()

    def _drip(self, content: bytes, pause: float) -> None:
        self.wfile.flush()
        for number in range(len(content)):
            self.wfile.write(content[number : number + 1])
            time.sleep(pause)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, certificate: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._certificate = certificate

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        connection.settimeout(10)
        # The handshake is left to the connection's own thread.
        secured = self._certificate.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return secured, client

    def handle_error(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority of our own (ca.pem) and the server's certificate (site.pem, site.key)."""
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "names").write_text(f"subjectAltName=DNS:{HOST},DNS:{OTHER_HOST}", encoding="ascii")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for command in (
        ["req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=tests"],
        ["req", *new_key, "-keyout", "site.key", "-out", "site.csr", "-subj", f"/CN={HOST}"],
        ["x509", "-req", "-in", "site.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
         "-out", "site.pem", "-days", "2", "-extfile", "names"],
    ):  # fmt: skip
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def site(certificates: Path) -> Iterator[Site]:
    """A site of its own for a test; it has no robots.txt and no page yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "site.pem", certificates / "site.key")
    server = _Server(context)
    served = Site(port=server.server_address[1], authority=certificates / "ca.pem")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"site": served})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
