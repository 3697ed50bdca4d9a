"""What readers think of answers: 有用 or 没用, why, and in their words; stored without anything about them.

data/feedback.sqlite3 holds the question, how it ended, the articles cited, the verdict and the day.
A feedback file that is broken, locked or cannot be written is told in one line.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from ingest.errors import BadInput, PolicyQAError
from ingest.settings import Settings
from rag.types import Answer, Citation

Verdict = Literal["useful", "useless"]

FILE = "feedback.sqlite3"
VERDICTS: dict[Verdict, str] = {"useful": "有用", "useless": "没用"}
# Why an answer is of no use; the key is stored, the wording may change.
REASONS = {
    "off_topic": "答非所问",
    "wrong_clause": "引用的条文不对",
    "wrong_body": "部门不对",
    "incomplete": "不完整，有遗漏",
    "outdated": "内容或部门已经过时",
    "wrongly_refused": "文件里有，却说没有",
    "unclear": "看不懂",
    "other": "其他",
}
MOST_TEXT = 500
_MOST_QUESTION = 2000
_WAIT_S = 5.0

# Who writes down such a number or address means themselves or somebody: 138 0013 8000, an identity card, a telephone.
_PERSONAL = re.compile(
    r"(?P<mail>[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r"|(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8}|\d{17}[\dXx]|\d{11,19})(?!\d)"
)

_VERSION = 1
_TABLE = (
    "CREATE TABLE IF NOT EXISTS feedback (id INTEGER PRIMARY KEY, day TEXT NOT NULL, question TEXT NOT NULL,"
    " status TEXT NOT NULL, articles TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL)"
)
_COLUMNS = "day, question, status, articles, verdict, reason, text"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_UNWRITABLE = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One verdict on one answer; `articles` are those cited, gansu-etdz-2015:14."""

    day: date
    question: str
    status: str
    articles: tuple[str, ...]
    verdict: Verdict
    reason: str = ""
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """The line that `python -m rag feedback --out` writes."""
        return {
            "day": self.day.isoformat(),
            "question": self.question,
            "status": self.status,
            "articles": list(self.articles),
            "verdict": self.verdict,
            "reason": self.reason,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How many verdicts there are: of each kind, by reason, most frequent first, and by day in order."""

    verdicts: dict[str, int]
    reasons: dict[str, int]
    days: dict[date, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether feedback was kept, and the line that the reader is shown."""

    kept: bool
    line: str


def feedback_on(
    answer: Answer, verdict: str, reason: str = "", text: str = "", day: date | None = None
) -> Feedback:
    """A reader's verdict as it is stored. Raises BadInput for one that the page does not offer, or too long a text."""
    chosen = next((known for known in VERDICTS if known == verdict), None)
    if chosen is None:
        raise BadInput("请先选“有用”或“没用”")
    if reason and reason not in REASONS:
        raise BadInput("请从列出的原因里选一个")
    told = _tidy(text)
    if len(told) > MOST_TEXT:
        raise BadInput(f"说明最多 {MOST_TEXT} 个字，现在有 {len(told)} 个，请改短一点")
    return Feedback(
        day=day or date.today(),
        question=_impersonal(_tidy(answer.question)[:_MOST_QUESTION]),
        status=str(answer.status),
        articles=tuple(dict.fromkeys(map(_article_id, answer.citations))),
        verdict=chosen,
        reason=reason if chosen == "useless" else "",
        text=_impersonal(told),
    )


def keep_feedback(
    settings: Settings, answer: Answer, verdict: str, reason: str = "", text: str = ""
) -> Outcome:
    """Store a reader's verdict where the settings allow it; whatever fails is told in the outcome's line."""
    if not settings.keep_feedback:
        return Outcome(kept=False, line="这里没有开启意见记录，没有保存")
    try:
        FeedbackStore(settings.data).add(feedback_on(answer, verdict, reason, text))
    except PolicyQAError as error:
        return Outcome(kept=False, line=str(error))
    return Outcome(kept=True, line="已记下，谢谢。只记问题和意见，不记是谁提的。")


class FeedbackStore:
    """The feedback file; every call opens it anew, so threads and processes may use it at once."""

    def __init__(self, data: Path, wait_s: float = _WAIT_S) -> None:
        self._path = data / FILE
        self._wait_s = wait_s

    def add(self, feedback: Feedback) -> None:
        """Store one verdict. Raises PolicyQAError where that is not possible."""
        with self._open(create=True) as connection:
            connection.execute(
                f"INSERT INTO feedback ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    feedback.day.isoformat(),
                    feedback.question,
                    feedback.status,
                    json.dumps(feedback.articles, ensure_ascii=False),
                    feedback.verdict,
                    feedback.reason,
                    feedback.text,
                ),
            )

    def all(self) -> tuple[Feedback, ...]:
        """Everything stored, in the order in which it came. Raises PolicyQAError."""
        if not self._path.exists():
            return ()
        with self._open(create=False) as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM feedback ORDER BY id").fetchall()
            return tuple(map(_read, rows))

    @contextmanager
    def _open(self, *, create: bool) -> Iterator[sqlite3.Connection]:
        try:
            if create:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            address = f"{self._path.resolve().as_uri()}?mode={'rwc' if create else 'rw'}"
            with closing(
                sqlite3.connect(address, uri=True, timeout=self._wait_s, isolation_level=None)
            ) as connection:
                _prepare(connection, self._wait_s)
                yield connection
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            raise PolicyQAError(_told(error)) from error


def _prepare(connection: sqlite3.Connection, wait_s: float) -> None:
    """Make the table where the file is new; several processes may do so at once."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == _VERSION:
        return
    if version:
        raise sqlite3.DatabaseError(f"version {version}")
    _write_ahead(connection, wait_s)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_TABLE)
    connection.execute(f"PRAGMA user_version={_VERSION}")
    connection.execute("COMMIT")


def _write_ahead(connection: sqlite3.Connection, wait_s: float) -> None:
    """Switch a new file to write-ahead; SQLite itself does not wait where another does so at the same moment."""
    until = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if (error.sqlite_errorcode & 0xFF) not in _BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.01)
        else:
            return


def _told(error: Exception) -> str:
    """What went wrong, without a path: the reader of the page sees it too."""
    # The lowest byte is the kind, the others say more.
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _BUSY:
        return f"意见文件 {FILE} 正被占用，请稍后再试"
    if isinstance(error, OSError) or code in _UNWRITABLE:
        return f"意见文件 {FILE} 打不开或写不进去，请管理员检查磁盘和权限"
    return f"意见文件 {FILE} 已损坏或版本不对，请管理员把它改名，之后会新建一份"


def _read(row: tuple[Any, ...]) -> Feedback:
    """A stored row; raises ValueError where somebody changed it into something else."""
    day, question, status, articles, verdict, reason, text = row
    known = next((known for known in VERDICTS if known == verdict), None)
    cited = json.loads(articles)
    if known is None or not isinstance(cited, list):
        raise ValueError(f"no feedback: {verdict!r} {articles!r}")
    return Feedback(
        day=date.fromisoformat(day),
        question=str(question),
        status=str(status),
        articles=tuple(map(str, cited)),
        verdict=known,
        reason=str(reason),
        text=str(text),
    )


def figures(kept: tuple[Feedback, ...]) -> Figures:
    """Counts by verdict, by reason (of those of no use; "" where none was given) and by day."""
    days: dict[date, Counter[str]] = {}
    for feedback in kept:
        days.setdefault(feedback.day, Counter())[feedback.verdict] += 1
    reasons = Counter(feedback.reason for feedback in kept if feedback.verdict == "useless")
    verdicts = Counter(feedback.verdict for feedback in kept)
    return Figures(
        verdicts={verdict: verdicts[verdict] for verdict in VERDICTS},
        reasons=dict(reasons.most_common()),
        days={day: {verdict: days[day][verdict] for verdict in VERDICTS} for day in sorted(days)},
    )


def overview(counted: Figures) -> str:
    """The figures in lines: 有用 9 条,没用 3 条; the reasons; a line a day."""
    if not counted.days:
        return "还没有收到意见"
    lines = [_verdict_counts(counted.verdicts)]
    if counted.reasons:
        reasons = (
            f"{REASONS.get(key, key) or '没有说明'} {count} 条" for key, count in counted.reasons.items()
        )
        lines.append(f"没用的原因：{'；'.join(reasons)}")
    lines += [f"{day.isoformat()}\t{_verdict_counts(counts)}" for day, counts in counted.days.items()]
    return "\n".join(lines)


def _verdict_counts(counts: dict[str, int]) -> str:
    return "，".join(f"{name} {counts[verdict]} 条" for verdict, name in VERDICTS.items())


def _article_id(citation: Citation) -> str:
    place = str(citation.article) if citation.article else "/".join(citation.path) or citation.label
    return f"{citation.document_id}:{place}"


def _tidy(text: str) -> str:
    """In one line, without control and invisible characters."""
    spaced = (" " if char.isspace() else char for char in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).split())


def _impersonal(text: str) -> str:
    """Numbers and addresses by which somebody could be reached are left out; names cannot be told from words."""
    return _PERSONAL.sub(lambda found: "[邮箱]" if found["mail"] else "[号码]", text)
