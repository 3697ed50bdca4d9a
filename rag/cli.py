"""`python -m rag`: ask, batch, search, departments, feedback, admin-password."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.commandline import Parser, run_command
from ingest.errors import BadInput, PolicyQAError
from ingest.settings import load_settings
from rag.build import Assistant, open_assistant
from rag.messages import say
from rag.retrieve import Hit
from rag.types import Answer, Status
from rag.who_is_who import export, summary

log = logging.getLogger(__name__)
_MAX_LIMIT = 1000


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `python -m rag`."""
    return run_command(_main, argv)


def _main(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    _check(arguments)
    if arguments.command == "admin-password":
        from rag.web.accounts import ask_new_password

        print(ask_new_password())
        return 0
    settings = load_settings(data=arguments.data, profile=arguments.profile)
    if arguments.command == "feedback":
        return _feedback(settings.data, arguments.out)
    with open_assistant(settings) as assistant:
        match arguments.command:
            case "ask":
                return _ask(assistant, arguments)
            case "batch":
                return _batch(assistant, arguments.input, arguments.output)
            case "departments":
                return _departments(assistant, arguments)
            case _:
                return _search(assistant, arguments)


def _check(arguments: argparse.Namespace) -> None:
    if arguments.command == "search":
        if not 1 <= arguments.limit <= _MAX_LIMIT:
            raise BadInput(f"--limit 应在 1 到 {_MAX_LIMIT} 之间")
        if bool(arguments.batch) == bool(arguments.query):
            raise BadInput("search 要么给一个查询，要么用 --batch 输入文件 输出文件")
    if arguments.command == "feedback" and arguments.out and arguments.out.suffix.lower() != ".jsonl":
        raise BadInput(f"{arguments.out}：只能写成 .jsonl")


def _ask(assistant: Assistant, arguments: argparse.Namespace) -> int:
    answer = assistant.ask([arguments.question])
    if arguments.json:
        trace = {"trace": answer.trace} if arguments.trace else {}
        print(json.dumps(answer.to_json() | trace, ensure_ascii=False, indent=2))
    if answer.trace.get("unusable"):
        raise BadInput(answer.text)
    if not arguments.json:
        print(answer.text)
        if arguments.trace:
            print(f"\n{trace_lines(answer.trace)}")
    return 0


def trace_lines(trace: dict[str, Any]) -> str:
    """How an answer came about, a line each: kind, topic, times, hits, what was dropped."""
    lines = [f"类型 {trace.get('kind', '')}；查的是“{trace.get('topic', '')}”"]
    times = trace.get("steps_ms", {})
    if times:
        lines.append("用时（毫秒） " + ",".join(f"{name} {spent:.1f}" for name, spent in times.items()))
    for search in trace.get("searches", ()):
        lines.append(f"检索“{search['topic']}”")
        for hit in search["hits"]:
            mark = "用" if hit["used"] else " "
            lines.append(f" {mark} {hit['score']:.3f} {hit['document_id']} {hit['label']}{hit['heading']}")
    lines += [f"未用 {reason}" for reason in trace.get("dropped", ())]
    return "\n".join(lines)


def _departments(assistant: Assistant, arguments: argparse.Namespace) -> int:
    found = assistant.profiles(arguments.name or "")
    if arguments.out:
        print(f"已写出 {arguments.out}：{export(found, arguments.out)} 行")
    else:
        print(summary(found))
    return 0


def _feedback(data: Path, target: Path | None) -> int:
    """What readers thought of answers; the index is not opened for it."""
    from rag.web.feedback import FeedbackStore, figures, overview

    kept = FeedbackStore(data).all()
    if target is None:
        print(overview(figures(kept)))
        return 0
    with _writing(target) as write:
        for feedback in kept:
            write(feedback.to_json())
    print(f"已写出 {target}：{len(kept)} 条")
    return 0


def _batch(assistant: Assistant, source: Path, target: Path) -> int:
    rows = [_conversation(row, place) for place, row in read_jsonl(source)]
    failed: list[str] = []
    with _writing(target) as write:
        for row_id, turns in rows:
            try:
                answer = assistant.ask(turns)
            except PolicyQAError:
                raise
            except Exception:
                # One question that goes wrong must not cost the others their answers.
                log.debug("answering failed", exc_info=True)
                failed.append(str(row_id))
                answer = Answer(question=turns[-1], text=say("error"), status=Status.ERROR)
            write({**answer.to_json(), "id": row_id})
    if failed:
        print(f"有 {len(failed)} 题没有答成：{'、'.join(failed[:5])}", file=sys.stderr)
    return 1 if failed else 0


def _conversation(row: dict[str, Any], place: str) -> tuple[Any, list[str]]:
    turns = row.get("turns")
    if (
        "id" not in row
        or not isinstance(turns, list)
        or not turns
        or not all(isinstance(t, str) for t in turns)
    ):
        raise BadInput(f"{place}：每行要有 id 和 turns（一列文字）")
    return row["id"], turns


def _search(assistant: Assistant, arguments: argparse.Namespace) -> int:
    if arguments.batch:
        source, target = arguments.batch
        rows = []
        for place, row in read_jsonl(source):
            if "id" not in row or not isinstance(row.get("query"), str):
                raise BadInput(f"{place}：每行要有 id 和 query（文字）")
            rows.append(row)
        with _writing(target) as write:
            for row in rows:
                hits = assistant.search(row["query"], arguments.limit)
                write({"id": row["id"], "hits": [_hit_object(hit) for hit in hits]})
        return 0
    hits = assistant.search(arguments.query, arguments.limit)
    if arguments.json:
        print(
            json.dumps(
                {"query": arguments.query, "hits": [_hit_object(h) for h in hits]},
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0
    for rank, hit in enumerate(hits, start=1):
        clause = hit.clause.clause
        print(f"{rank}. {hit.score:.3f} {hit.clause.document_id} {' '.join(clause.path)} {clause.heading}")
    if not hits:
        print("没有找到相关条文")
    return 0


def _hit_object(hit: Hit) -> dict[str, Any]:
    clause = hit.clause.clause
    return {
        "document_id": hit.clause.document_id,
        "path": list(clause.path),
        "article": clause.article,
        "score": round(hit.score, 6),
    }


def read_jsonl(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a JSONL file with their places; raises BadInput with file and line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path}：读不到输入文件（{getattr(error, 'strerror', None) or '编码不是 UTF-8'}）"
        ) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{path} 第 {number} 行"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadInput(f"{place}：不是有效的 JSON（{error.msg}）") from None
        if not isinstance(row, dict):
            raise BadInput(f"{place}：应是一个 JSON 对象")
        yield place, row


@contextmanager
def _writing(target: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Writes JSONL beside the target and moves it there at the end, so no half file is left."""
    part = target.with_name(target.name + ".part")
    try:
        file = part.open("w", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{target}：不能写入（{error.strerror}）") from None
    try:
        with file:
            yield lambda row: print(json.dumps(row, ensure_ascii=False), file=file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _parser() -> Parser:
    parser = Parser(prog="python -m rag", description="按已收录的政策文件回答问题")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    shared = Parser(add_help=False)
    shared.add_argument("--data", type=Path, help="索引所在的文件夹")
    shared.add_argument("--profile", choices=("auto", "extractive", "llm"), help="是否用语言模型写答案")
    ask = commands.add_parser("ask", parents=[shared], help="回答一个问题")
    ask.add_argument("question", metavar="问题")
    ask.add_argument("--json", action="store_true", help="输出 JSON")
    ask.add_argument("--trace", action="store_true", help="附上回答的经过：类型、检索到的条文和分数、用时")
    batch = commands.add_parser("batch", parents=[shared], help="在一个进程里回答许多问题")
    batch.add_argument("input", type=Path, metavar="输入.jsonl")
    batch.add_argument("output", type=Path, metavar="输出.jsonl")
    bodies = commands.add_parser("departments", parents=[shared], help="各部门牵头、配合哪些条；可导出表格")
    bodies.add_argument("name", nargs="?", metavar="部门", help="只看一个部门，新旧名称、俗称都行")
    bodies.add_argument("--out", type=Path, metavar="表格.csv|.xlsx", help="写成表格")
    feedback = commands.add_parser("feedback", parents=[shared], help="读者认为回答有用还是没用；可导出")
    feedback.add_argument("--out", type=Path, metavar="文件.jsonl", help="逐条写成 JSONL，供评测用")
    search = commands.add_parser("search", parents=[shared], help="只检索，不回答")
    search.add_argument("query", nargs="?", metavar="查询")
    search.add_argument("--batch", nargs=2, type=Path, metavar=("输入.jsonl", "输出.jsonl"))
    search.add_argument("--limit", type=int, default=10, help="最多几条")
    search.add_argument("--json", action="store_true", help="输出 JSON")
    commands.add_parser("admin-password", help="设定管理员密码：输入两遍，印出写进 .env 的一行")
    return parser
