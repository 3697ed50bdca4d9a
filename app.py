"""`python app.py`: the web chat, on this machine alone unless told otherwise."""

from __future__ import annotations

import argparse
import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from ingest.commandline import Parser, run_command
from ingest.errors import BadInput
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    import gradio as gr
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from rag.web.desk import Desk
    from rag.web.metrics import Metrics

# Where Gradio has it; the slash saves a redirect.
MCP_PATH = "/gradio_api/mcp/"
ENGLISH_PATH = "/en"
# Another site must not show the page inside its own, where a click could be led astray.
_FRAMES = "frame-ancestors 'self'"


def create_app(settings: Settings) -> gr.Blocks:
    """The page over the index that the settings name; the index is opened at the first question."""
    from rag.web.desk import Desk
    from rag.web.page import build_page

    return build_page(Desk(settings))


def web_app(
    page: gr.Blocks,
    settings: Settings,
    desk: Desk | None = None,
    metrics: Metrics | None = None,
    *,
    mcp: bool = False,
    in_english: gr.Blocks | None = None,
) -> ASGIApp:
    """The page as an ASGI program whose HTML is Chinese and names no other host, with what stands beside it.

    That is the page in English at /en, the administrator's page, the program's health and its counters and, with `mcp`, the page's calls as tools
    of the Model Context Protocol. Raises BadInput where those cannot be offered.
    """
    import gradio as gr
    from fastapi import FastAPI
    from starlette.routing import Mount, Route

    from rag.web.admin import mount_admin
    from rag.web.desk import Desk
    from rag.web.health import add_health
    from rag.web.metrics import Counted, Metrics
    from rag.web.own_host import AsAsked, OwnHostOnly
    from rag.web.page import look
    from rag.web.stopping import StoppedInTime

    metrics = metrics or Metrics()
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_health(outer, desk or Desk(settings, metrics.answered), metrics)
    public: dict[str, Any] = {
        # Nothing is uploaded here; what is sent all the same is not kept.
        "max_file_size": 1,
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "enable_monitoring": False,
        "show_error": False,
        **look(),
    }
    root = settings.root_path
    mounted = gr.mount_gradio_app(outer, page, path="/", mcp_server=mcp, root_path=root or None, **public)
    if in_english is not None:
        below = f"{root}{ENGLISH_PATH}" if root else None
        gr.mount_gradio_app(outer, in_english, path=ENGLISH_PATH, mcp_server=False, root_path=below, **public)
        # Before the page at /, which would answer for every path.
        beside = outer.router.routes.pop()
        assert isinstance(beside, Mount)
        beside.app = OwnHostOnly(AsAsked(beside.app, root), _FRAMES, language="en")
        outer.router.routes[:0] = [Route(ENGLISH_PATH, _with_slash), beside]
    # Gradio only keeps what went wrong, and would serve the page without the tools.
    if mcp and page.mcp_server_obj is None:
        raise BadInput("MCP 没有打开：请运行 make setup 装好依赖，再加 --mcp 启动")
    mount_admin(outer, settings)
    return Counted(StoppedInTime(OwnHostOnly(mounted, _FRAMES)), metrics)


async def _with_slash(_request: Request) -> RedirectResponse:
    return RedirectResponse(f"{ENGLISH_PATH.removeprefix('/')}/")


def listen(host: str, port: int) -> socket.socket:
    """Take the address before anything is loaded; raises BadInput where it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        raise BadInput(_why_not(host, port, error)) from None
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被占用：请关掉占用它的程序，或用 --port 换一个端口"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {port}：请用 --port 换一个 1024 以上的端口"
    return f"不能在地址 {host} 上打开网页：请检查 --host（本机用 127.0.0.1）"


def serve(app: ASGIApp, listener: socket.socket, warm: Callable[[], None], *, mcp: bool = False) -> None:
    """Serve until interrupted; once the page can be opened, tell its address and warm up."""
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"政策问答已启动：{_url(listener)}（按 Ctrl+C 停止）", flush=True)
            if mcp:
                print(f"MCP 地址：{_url(listener)}{MCP_PATH}", flush=True)
            threading.Thread(target=warm, daemon=True).start()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # Pages still open are cut off, which is no error worth a traceback.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            await super().shutdown(sockets)

    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    logging.getLogger("uvicorn.error").addFilter(is_worth_telling)
    Announcing(config).run(sockets=[listener])


def is_worth_telling(record: logging.LogRecord) -> bool:
    """Whether a line of the server's log says more than that a reader left the page just as its answers began to stream.

    Gradio then looks for a session that is gone, and raises 404 into a response that has begun.
    """
    error = record.exc_info[1] if record.exc_info else None
    cause = error.__cause__ if isinstance(error, RuntimeError) else None
    return not (isinstance(cause, HTTPException) and cause.status_code == 404)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `python app.py`."""
    return run_command(_main, argv)


def _main(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    settings = load_settings(data=arguments.data, profile=arguments.profile)
    host = arguments.host or settings.host
    port = settings.port if arguments.port is None else arguments.port
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with listen(host, port) as listener:
        from rag.web.desk import Desk
        from rag.web.metrics import Metrics
        from rag.web.page import build_page
        from rag.web.words import english

        metrics = Metrics()
        desk = Desk(settings, metrics.answered)
        in_english = build_page(desk.speaking(english()), for_programs=False)
        page = build_page(desk)
        app = web_app(page, settings, desk, metrics, mcp=arguments.mcp, in_english=in_english)
        with contextlib.suppress(KeyboardInterrupt):
            serve(app, listener, desk.warm, mcp=arguments.mcp)
    print("已停止", flush=True)
    return 0


def _parser() -> Parser:
    parser = Parser(prog="python app.py", description="打开政策问答网页")
    parser.add_argument("--host", help="网页的地址，默认 127.0.0.1（只有本机能打开）")
    parser.add_argument("--port", type=_port, help="网页的端口，默认 7860；0 表示任选一个空闲的")
    parser.add_argument("--data", type=Path, help="索引所在的文件夹")
    parser.add_argument("--profile", choices=("auto", "extractive", "llm"), help="是否用语言模型写答案")
    parser.add_argument("--mcp", action="store_true", help="同时作为 MCP 服务，让别的程序把问答当工具用")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"端口应是 0 到 65535 的整数，不是 {text!r}")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
