"""`python -m evals`: run, generate, score, bench, corrupt, added."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from evals.config import DEVELOPMENT_SET, QuestionSet, default_set_files, describe_run, read_sets
from evals.generate import answer_set
from evals.metrics import Scored, pass_rate, score_all
from evals.recorded import Recorded, read_recorded, write_jsonl
from evals.report import render
from evals.truth import load_truth, read_truth
from ingest.errors import BadInput, PolicyQAError
from ingest.settings import ROOT, Settings, load_settings

RUNS = ROOT / "evals" / "runs"
ANSWERS, SCORES, CONFIG, TRUTH, REPORT = (
    "answers.jsonl",
    "scores.jsonl",
    "config.json",
    "truth.json",
    "report.md",
)


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one line on stderr and exit code 2, like any other bad input."""

    def error(self, message: str) -> Any:
        raise BadInput(f"{self.prog}:命令写法不对({message});加 --help 看用法")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure becomes one line on stderr and an exit code."""
    try:
        _main(argv)
    except PolicyQAError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("已中断", 1)
    except Exception as error:  # The last resort: one line instead of a traceback.
        return _fail(f"出现意外错误:{type(error).__name__}: {error}"[:300], 1)
    return 0


def _main(argv: Sequence[str] | None) -> None:
    arguments = _parser().parse_args(argv)
    if arguments.command == "score":
        score_run(arguments.recorded, arguments.out)
        return
    settings = load_settings(data=arguments.data, profile=arguments.profile)
    if arguments.command == "added":
        added_run(settings, together=arguments.together)
        return
    if arguments.command == "corrupt":
        corrupt_run(settings, arguments.count, arguments.seed)
        return
    sets = _read_sets(arguments.sets)
    if arguments.command == "crowd":
        crowd_run(settings, sets, arguments.people)
        return
    if arguments.command == "page":
        from evals.page_speed import measure_page

        print(json.dumps(measure_page(settings, _first_turns(sets)), indent=1))
        return
    out = _made(arguments.out or RUNS / datetime.now().strftime("%Y%m%d-%H%M%S"))
    if arguments.command == "bench":
        from evals.bench import bench

        bench(settings, sets, out)
        return
    generate_run(settings, sets, out)
    if arguments.command == "run":
        score_run(out, out)


def generate_run(settings: Settings, sets: Sequence[QuestionSet], out: Path) -> None:
    """Answer the sets and record answers, configuration and the clauses they are judged by."""
    config = describe_run(settings, sets)
    # Scoring alone needs no pipeline.
    from rag.build import open_assistant

    recorded: list[Recorded] = []
    with open_assistant(settings) as assistant:
        truth = read_truth(settings)
        for each in sets:
            recorded += answer_set(assistant, each.name, each.questions)
            print(f"{each.name}:已回答 {len(each.questions)} 题")
    _write_json(out / CONFIG, config)
    _write_json(out / TRUTH, truth.to_json())
    write_jsonl(out / ANSWERS, (each.to_json() for each in recorded))
    print(f"答案记录:{out / ANSWERS}")


def score_run(recorded: Path, out: Path | None) -> None:
    """Score recorded answers (a run's folder or its answers.jsonl) and write scores and report."""
    answers = recorded / ANSWERS if recorded.is_dir() else recorded
    folder = answers.parent
    scored = score_all(read_recorded(answers), load_truth(folder / TRUTH))
    out = _made(out or folder)
    write_jsonl(out / SCORES, (each.to_json() for each in scored))
    (out / REPORT).write_text(render(scored, _read_config(folder / CONFIG)), encoding="utf-8")
    _print_summary(scored)
    print(f"报告:{out / REPORT}")


def corrupt_run(settings: Settings, count: int, seed: int) -> None:
    """Try false sentences of a language model on the way to an answer; raises PolicyQAError where one gets through."""
    from evals.corruptions import RepeatingChat, try_corruptions
    from ingest.prompts import load_prompt
    from ingest.token_count import open_counter
    from rag.build import open_assistant
    from rag.write import Writer

    writer = Writer(
        chat=RepeatingChat(),
        prompt=load_prompt(settings.prompts, "answer"),
        counter=open_counter(None),
        budget=settings.model_context_tokens,
    )
    with open_assistant(settings) as assistant:
        outcome = try_corruptions(assistant, writer, count, seed)
    print(
        f"真句子留下 {outcome.kept}/{outcome.true};假句子试了 {sum(outcome.tried.values())} 个,漏过 {len(outcome.passed)} 个"
    )
    for name, number in outcome.tried.items():
        print(f"  {name}: {sum(kind == name for kind, _ in outcome.passed)}/{number}")
    for name, reply in outcome.passed[:20]:
        print(f"  {name}: {reply}")
    if outcome.passed:
        raise PolicyQAError("有假句子没有被拦下")


def added_run(settings: Settings, *, together: bool) -> None:
    """Ask documents that a user adds their own questions and print how many are answered right."""
    from evals.added import REGULATIONS, measure_added, read_added, summary

    if not REGULATIONS.is_file():
        print("没有找到 ../shared/data/regulations.jsonl.gz,只用项目自己写的文件")
    print("\n".join(summary(list(measure_added(settings, read_added(), together=together)))))


def crowd_run(settings: Settings, sets: Sequence[QuestionSet], people: int) -> None:
    """Let many people ask at once and print what they saw; raises PolicyQAError where somebody got no answer."""
    from evals.crowd import measure_crowd

    outcome = measure_crowd(settings, _first_turns(sets), people)
    print(json.dumps(outcome, ensure_ascii=False, indent=1))
    if outcome["errors"]:
        raise PolicyQAError(f"有 {outcome['errors']} 次没有回答:{outcome['first_error']}")


def _first_turns(sets: Sequence[QuestionSet]) -> list[str]:
    return [question.turns[0] for each in sets for question in each.questions]


def _print_summary(scored: Sequence[Scored]) -> None:
    for name in dict.fromkeys(each.recorded.set_name for each in scored):
        members = [each for each in scored if each.recorded.set_name == name]
        print(f"{name}:严格通过 {pass_rate(members)}")


def _read_sets(given: Sequence[Path] | None) -> tuple[QuestionSet, ...]:
    if given:
        return read_sets(given)
    files = default_set_files()
    if DEVELOPMENT_SET not in files:
        print("没有找到开发题集 ../shared/evalset/seed_qa_dev.jsonl,只用项目自己的题集")
    return read_sets(files)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise BadInput(f"输出位置 {folder} 不能用作文件夹") from None
    return folder


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _read_config(path: Path) -> dict[str, Any]:
    """A run's configuration; a report can do without."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _fail(message: str, exit_code: int) -> int:
    print(" ".join(message.split()), file=sys.stderr)
    return exit_code


def _parser() -> _Parser:
    parser = _Parser(prog="python -m evals", description="评测:回答题集、评分、出报告")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    shared = _Parser(add_help=False)
    shared.add_argument(
        "--set",
        dest="sets",
        type=Path,
        nargs="+",
        action="extend",
        metavar="文件",
        help="题集(JSONL),可以多个",
    )
    shared.add_argument("--data", type=Path, help="索引所在的文件夹")
    shared.add_argument("--profile", choices=["extractive", "llm", "auto"], help="回答方式")
    shared.add_argument("--out", type=Path, help="输出文件夹,默认 evals/runs/时间")
    commands.add_parser("run", parents=[shared], help="回答、评分并写报告")
    commands.add_parser("generate", parents=[shared], help="只回答并记录")
    commands.add_parser("bench", parents=[shared], help="测量耗时与内存")
    crowd = commands.add_parser("crowd", parents=[shared], help="许多人同时用网页:多久看到答案,占多少内存")
    crowd.add_argument("--people", type=int, default=50, metavar="N", help="多少人,默认 50")
    commands.add_parser("page", parents=[shared], help="在浏览器里测:打开多久能用,回车多久见到答案")
    added = commands.add_parser("added", help="用户加入的文件答得怎样:自写的政策和数据里的条例")
    added.add_argument("--together", action="store_true", help="全部加进一个索引,而不是一份一份地问")
    added.add_argument("--data", type=Path, help="不使用,只为与其他命令写法一致")
    added.set_defaults(profile="extractive")
    corrupt = commands.add_parser("corrupt", help="用随机改错的模型句子检验核对")
    corrupt.add_argument("--count", type=int, default=10_000, metavar="N", help="试多少句,默认 10000")
    corrupt.add_argument("--seed", type=int, default=0, help="随机种子")
    corrupt.add_argument("--data", type=Path, help="索引所在的文件夹")
    corrupt.set_defaults(profile="extractive")
    score = commands.add_parser("score", help="给已记录的答案重新评分,不再回答")
    score.add_argument("recorded", type=Path, metavar="记录", help="一次评测的文件夹或其中的 answers.jsonl")
    score.add_argument("--out", type=Path, help="输出文件夹,默认写在记录旁边")
    score.add_argument("--data", type=Path, help="不使用,只为与其他命令写法一致")
    return parser
