"""`python -m ingest`: build, add, parse, remove, status, verify, questions."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.chat import Chat, open_chat
from ingest.commandline import Parser, run_command
from ingest.errors import BadInput
from ingest.fetch import report, run_fetch
from ingest.library import Change, Library
from ingest.settings import Settings, load_settings
from ingest.sources import file_source
from ingest.types import Clause, ParsedDocument, Responsibility
from ingest.unanswered import read_unanswered

_ORIGINS = {"corpus": "自带", "digest": "提要", "added": "添加", "fetched": "原文"}


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `python -m ingest`."""
    return run_command(_main, argv)


def _main(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    if arguments.command == "parse":
        parsed = _parse(arguments.file, load_settings(data=arguments.data))
        print(
            json.dumps(parse_object(parsed), ensure_ascii=False, indent=2)
            if arguments.json
            else outline(parsed)
        )
        return 0
    library = Library(load_settings(data=arguments.data))
    try:
        return _run(library, arguments)
    finally:
        library.close()


def _run(library: Library, arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "build":
            _report(library.build(), "索引已是最新，没有需要做的事")
        case "add":
            change = library.add(arguments.paths, arguments.id)
            digests = {digest.document.id for digest in library.digests}
            _report(
                change,
                "文件没有变化，没有需要做的事",
                {d: "（原文，换下提要）" for d in change.put if d in digests},
            )
            chat = open_chat(library.settings)
            for document_id in change.put if chat else ():
                assert chat is not None
                _generate(library, document_id, chat)
        case "fetch":
            return _fetch(library, arguments)
        case "remove":
            change = library.remove(arguments.ids)
            held = {status.id for status in library.status()}
            _report(change, "", {d: "（提要放回原处）" for d in change.removed if d in held})
        case "verify":
            faults = library.verify()
            for fault in faults:
                print(f"发现：{fault}")
            print("已按目录重建索引" if faults else "目录、词汇索引、向量索引一致")
        case "questions":
            return _questions(library, arguments)
        case "status":
            for status in library.status():
                number = f"({status.number})" if status.number else ""
                origin = _ORIGINS[status.origin]
                print(f"{status.id}\t{status.clauses} 条\t{origin}\t{status.title}{number}")
                if status.mentions:
                    print(f"\t提到库中文件：{'、'.join(status.mentions)}")
                if status.unknown_bodies:
                    print(f"\t部门表里没有的单位：{'、'.join(status.unknown_bodies)}")
    return 0


def _questions(library: Library, arguments: argparse.Namespace) -> int:
    match arguments.action:
        case "export":
            path = arguments.file or Path(f"{arguments.id}-问法.xlsx")
            count = library.export_questions(arguments.id, path, read_unanswered(library.settings.data))
            print(f"已写出 {path}：{count} 条；填好问法后运行 python -m ingest questions import {path}")
        case "import":
            taken = library.import_questions(arguments.file)
            print(
                f"{taken.document_id}：收下 {taken.questions} 个问法，{taken.changed} 条有变化"
                + ("" if taken.changed else "，没有需要做的事")
            )
        case "generate":
            chat = open_chat(library.settings)
            if chat is None:
                raise BadInput(
                    "没有配置语言模型：请设置 POLICYQA_MODEL，或用 questions export 导出表格由人填写"
                )
            return _generate(library, arguments.id, chat)
        case "unanswered":
            for question in read_unanswered(library.settings.data):
                print(question)
    return 0


def _fetch(library: Library, arguments: argparse.Namespace) -> int:
    results = run_fetch(
        library.settings,
        lambda path, entry, address: library.put_original(path, entry.document, address),
        also_unverified=arguments.also_unverified,
        again=arguments.again,
        ids=arguments.ids,
    )
    for result, line in zip(results, report(results), strict=True):
        print(line, file=sys.stderr if result.outcome == "failed" else sys.stdout)
    return 1 if any(result.outcome == "failed" for result in results) else 0


def _generate(library: Library, document_id: str, chat: Chat) -> int:
    result = library.generate_questions(document_id, chat, _show_progress)
    if result.total:
        print(f"{document_id}：语言模型写了 {result.done}/{result.total} 条的问法")
    if result.fault:
        print(
            f"{result.fault}；已写好的留下了，再运行 python -m ingest questions generate {document_id} 会接着做",
            file=sys.stderr,
        )
        return 1
    return 0


def _show_progress(done: int, total: int) -> None:
    print(f"\r{done}/{total} 条", end="" if done < total else "\n", file=sys.stderr, flush=True)


def _report(change: Change, nothing: str, besides: dict[str, str] | None = None) -> None:
    """What was done; `besides` adds a word to some documents."""
    words = besides or {}
    for document_id in change.put:
        print(f"已编入 {document_id}{words.get(document_id, '')}")
    for document_id in change.removed:
        print(f"已移除 {document_id}{words.get(document_id, '')}")
    if change.reindexed:
        print("索引已更新")
    elif not change.put and not change.removed:
        print(nothing)


def _parse(path: Path, settings: Settings) -> ParsedDocument:
    library = Library(settings)
    for source in _shipped(path, settings):
        return library.parse(source)
    return library.parse(file_source(path))


def _shipped(path: Path, settings: Settings) -> list[Any]:
    """The shipped document at `path`, with its metadata file, if it is one."""
    from ingest.sources import corpus_sources

    if path.resolve().parent != settings.corpus.resolve() or not path.with_suffix(".yaml").is_file():
        return []
    return [source for source in corpus_sources(settings.corpus) if source.path.name == path.name]


def parse_object(parsed: ParsedDocument) -> dict[str, Any]:
    """A parsed document in the fixed JSON form (docs/architecture.md)."""
    metadata = parsed.document.metadata
    return {
        "id": parsed.document.id,
        "title": metadata.title,
        "number": metadata.number,
        "issuer": metadata.issuer,
        "issued_on": metadata.issued_on,
        "posted_on": metadata.posted_on,
        "addressees": list(metadata.addressees),
        "effective_from": metadata.effective_from,
        "valid_for": metadata.valid_for,
        "repeals": list(metadata.repeals),
        "clauses": [_clause_object(clause) for clause in parsed.clauses],
        "references": [
            {"raw": r.raw, "number": r.number, "title": r.title, "start": r.start, "end": r.end}
            for r in parsed.references
        ],
        "default_bodies": [
            {"name": b.name, "raw": b.raw, "start": b.start, "end": b.end} for b in parsed.default_bodies
        ],
        "article_references": [
            {
                "raw": r.raw,
                "article": r.article,
                "paragraph": r.paragraph,
                "item": r.item,
                "document": r.document,
                "target": list(r.target) if r.target else None,
                "start": r.start,
                "end": r.end,
            }
            for r in parsed.article_references
        ],
    }


def _clause_object(clause: Clause) -> dict[str, Any]:
    return {
        "path": list(clause.path),
        "article": clause.article,
        "label": clause.label,
        "section": clause.section or None,
        "heading": clause.heading,
        "text": clause.text,
        "start": clause.start,
        "end": clause.end,
        "responsibilities": [_duty_object(duty) for duty in clause.responsibilities],
        "in_text": [_duty_object(duty) for duty in clause.in_text],
    }


def _duty_object(duty: Responsibility) -> dict[str, Any]:
    fields: dict[str, Any] = {"lead": list(duty.lead), "cooperating": list(duty.cooperating)}
    for name in ("responsible", "guiding"):
        if getattr(duty, name):
            fields[name] = list(getattr(duty, name))
    for name in ("until", "scope"):
        if getattr(duty, name):
            fields[name] = getattr(duty, name)
    return fields | {"open_ended": duty.open_ended, "raw": duty.raw, "start": duty.start, "end": duty.end}


def outline(parsed: ParsedDocument) -> str:
    """A parsed document for reading: metadata, then one line a clause with its bodies."""
    metadata = parsed.document.metadata
    lines = [metadata.title]
    for name, value in (
        ("文号", metadata.number),
        ("发文机关", metadata.issuer),
        ("成文日期", metadata.issued_on),
        ("发布日期", metadata.posted_on),
        ("主送", "；".join(metadata.addressees)),
    ):
        if value:
            lines.append(f"{name}：{value}")
    lines += [f"通篇适用：{body.raw}" for body in parsed.default_bodies]
    section: tuple[str, str] | None = None
    for clause in parsed.clauses:
        part = clause.path[0] if clause.path and clause.path[0].startswith("附件") else ""
        if (part, clause.section) != section:
            section = (part, clause.section)
            lines += ["", " ".join(filter(None, section))]
        lines.append(f"  {clause.label} {clause.heading or clause.text[:30]}  [{clause.start}:{clause.end}]")
        for duty in clause.responsibilities:
            roles = (
                ("牵头", duty.lead),
                ("负责", duty.responsible),
                ("配合", duty.cooperating),
                ("指导", duty.guiding),
            )
            said = "；".join(f"{role}：{'、'.join(names)}" for role, names in roles if names)
            lines.append(f"      {said}{'（等）' if duty.open_ended else ''}")
    return "\n".join(lines)


def _parser() -> Parser:
    parser = Parser(prog="python -m ingest", description="把政策文件编入索引")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    shared = Parser(add_help=False)
    shared.add_argument("--data", type=Path, help="索引所在的文件夹")
    commands.add_parser("build", parents=[shared], help="按 corpus/ 建立或更新索引")
    add = commands.add_parser("add", parents=[shared], help="添加文件或文件夹")
    add.add_argument("paths", nargs="+", type=Path, metavar="文件")
    add.add_argument("--id", help="文件编号，默认用文件名")
    parse = commands.add_parser("parse", parents=[shared], help="只解析一个文件，不动索引")
    parse.add_argument("file", type=Path, metavar="文件")
    parse.add_argument("--json", action="store_true", help="输出 JSON")
    fetch = commands.add_parser(
        "fetch", parents=[shared], help="下载 corpus/sources.yaml 里列出的官方原文，换下提要"
    )
    fetch.add_argument("ids", nargs="*", metavar="编号", help="只下载这几份")
    fetch.add_argument(
        "--also-unverified", action="store_true", help="连没有核对过的网址也试；标题和文号对得上才收"
    )
    fetch.add_argument("--again", action="store_true", help="已经下载过的也重新下载")
    remove = commands.add_parser("remove", parents=[shared], help="按编号移除文件")
    remove.add_argument("ids", nargs="+", metavar="编号")
    commands.add_parser("status", parents=[shared], help="列出已编入的文件")
    questions = commands.add_parser(
        "questions", help="日常问法：导出表格、导入、由语言模型写、列出没答上的提问"
    )
    actions = questions.add_subparsers(dest="action", required=True, metavar="动作")
    export = actions.add_parser("export", parents=[shared], help="导出一份文件的条文，留出填写问法的格子")
    export.add_argument("id", metavar="编号")
    export.add_argument("file", nargs="?", type=Path, metavar="表格.xlsx")
    taken = actions.add_parser("import", parents=[shared], help="检查并收下填好的表格")
    taken.add_argument("file", type=Path, metavar="表格.xlsx")
    generate = actions.add_parser("generate", parents=[shared], help="由配置好的语言模型写问法")
    generate.add_argument("id", metavar="编号")
    actions.add_parser("unanswered", parents=[shared], help="列出没有找到答案的提问")
    commands.add_parser("verify", parents=[shared], help="核对各索引与目录，不一致就重建")
    return parser
