"""Who leads and who cooperates: brackets, labelled lines, and duties told in a sentence.

The wordings are rows in corpus/duty_patterns.yaml; this module only runs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml, require
from ingest.text import fold
from ingest.types import DefaultBody, DutySource, Responsibility

_OPEN, _CLOSE = "(（〔[【", ")）〕]】"
# Longer brackets hold text, not bodies; the wordings would take minutes to fail on a page of it.
_LONGEST = 1000
_BRACKET_OR_BREAK = re.compile(f"[{re.escape(_OPEN + _CLOSE)}\n]")
# The words without which no sentence tells a duty.
_TOLD = re.compile("会同|牵头|负责|由")
_LABEL_COLON = re.compile(r"^.{2,12}?[:：]")
_ROLES = ("lead", "cooperating", "responsible", "guiding")
_SEPARATOR = re.compile(
    r"[、,;]|(?<=[部委厅局办署行院会政府])(?:和|与|及)(?=[一-龥]{2,}(?:部|委|厅|局|办|署|行|院|会|政府|公司)(?:$|[、,;]))"
)
_OTHERS = r"等(?:(?:国务院|省|市|县|区)?(?:各|有关|相关|各有关)?(?:成员|金融|科研|社会)?(?:行政主管|主管|行政)?(?:部门|单位|机构|企业|组织)?(?:和单位)?)?"
_OPEN_ENDED = re.compile(rf"{_OTHERS}$")
# …等部门和各地区: the list stays open and goes on with a group.
_JOINED = re.compile(rf"(?P<open>{_OTHERS})?[和与及](?=各|有关|相关|地方|国务院|当地|所在)")
# 有关部门 names nobody: the list is open.
# How the name of a body ends.
_BODY = re.compile(r"(?:部|委|厅|局|办|署|社|行|院|会|政府|总局|中心|公司|妇联|残联|工商联|侨联|文联)$")
_UNNAMED = re.compile(r"(?:各)?(?:有关|相关|各有关)(?:部门|单位|方面|地方)?(?:和(?:单位|地方|企业))?")
# 中国气象局〔含省级气象机构〕: what a name takes in is no part of it.
_TAKES_IN = re.compile(r"[\[(]含[^\])]*[\])]$")
_SHARED = re.compile(r"按(?:照)?(?:各自)?职责(?:分工)?(?:分别)?(?:负责)?(?=[,;、])")
# 各市、州、县人民政府 and 各区、县级市 are one group each.
_GROUP = re.compile(
    r"各(?:地)?(?:市|州|县|区|旗|盟|省|自治区|直辖市|街道|乡镇|自治州|县级市|地级以上市|设区市|市\(州\)|县\(市、区\)|市\(地\))"
    r"(?:、(?:市|州|县|区|旗|盟|镇|自治州|自治区|直辖市|县级市|功能区|县\(市、区\)|行业主管部门))+(?:人民)?(?:政府)?"
    # 市、区人力资源社会保障部门: one body on two levels.
    r"|(?:^|(?<=[、,;]))(?:[省市县区州旗盟]、)+[省市县区州旗盟][一-龥]{2,18}?(?:部门|机关|机构|政府|委员会|局|委|办)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPattern:
    """One wording of a responsibility clause: …牵头,…配合."""

    id: str
    match: re.Pattern[str]
    open_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyGrammar:
    """All wordings, in the order in which they are tried, and the false friends."""

    patterns: tuple[DutyPattern, ...]
    in_text: tuple[DutyPattern, ...]
    labels: tuple[tuple[re.Pattern[str], str], ...]
    first_leads: re.Pattern[str]
    asides: re.Pattern[str]
    default_body: re.Pattern[str]
    until: re.Pattern[str]
    scope: re.Pattern[str]
    hint: re.Pattern[str]
    not_duties: tuple[re.Pattern[str], ...]
    # Whether a list of bodies alone in a bracket counts: (工业和信息化部、科技部等).
    bare_lists: bool = False

    def read(self, bracket: str, start: int) -> Responsibility | None:
        """The responsibility in one bracket, or None: '(省财政厅牵头,…)' at offset `start`."""
        return self._read(bracket[1:-1], start + 1, "bracket")

    def find(self, text: str, start: int, end: int) -> tuple[Responsibility, ...]:
        """Every responsibility bracket or labelled line in `text[start:end]`, in reading order."""
        found = [
            duty
            for a, b in _brackets(text, start, end)
            if (duty := self.read(text[a:b], a) or self._read_bare(text, a, b))
        ]
        found += [
            duty
            for a, b in (*self._labelled_lines(text, start, end), *self._labelled_tails(text, start, end))
            if (duty := self._read(text[a:b], a, "label"))
        ]
        return tuple(sorted(found, key=lambda duty: duty.start))

    def _read_bare(self, text: str, start: int, end: int) -> Responsibility | None:
        """A bracket after a full stop that holds nothing but bodies, in a document that has such."""
        inner = text[start + 1 : end - 1]
        if (
            not self.bare_lists
            or text[max(0, start - 1) : start] not in ("。", "；", ";")
            or len(inner) > 200
        ):
            return None
        names, is_open = split_bodies(fold(inner), inner)
        if not names or not all(_BODY.search(name) for name in names):
            return None
        return Responsibility(
            responsible=names, open_ended=is_open, raw=inner, start=start + 1, end=end - 1, source="bracket"
        )

    def find_in_text(self, text: str, start: int, end: int) -> tuple[Responsibility, ...]:
        """Duties told in a sentence: 省科技厅要会同省财政厅…, 由省统计局负责…; brackets left out."""
        if not _TOLD.search(text, start, end):
            return ()
        plain = list(fold(text[start:end]))
        for a, b in _brackets(text, start, end):
            plain[a - start : b - start] = "。" * (b - a)
        found: list[Responsibility] = []
        for pattern in self.in_text:
            for match in pattern.match.finditer("".join(plain)):
                a, b = start + match.start(), start + match.end()
                if any(duty.start < b and a < duty.end for duty in found):
                    continue
                duty = _from_match(text[start:end], fold(text[start:end]), pattern, match, start)
                if duty is not None:
                    found.append(replace(duty, raw=text[a:b], start=a, end=b, source="text"))
        return tuple(sorted(found, key=lambda duty: duty.start))

    def states_first_leads(self, text: str) -> bool:
        """Whether a text lays down that the first-listed body leads: 列第一位者为牵头单位,下同."""
        return bool(self.first_leads.search(re.sub(r"\s+", "", fold(text))))

    def find_default_bodies(self, text: str) -> tuple[DefaultBody, ...]:
        """Bodies said once to carry out what follows: (…指导,以下均需试点城市政府落实,不再列出)."""
        found = []
        for match in self.default_body.finditer(fold(text)):
            group = match.lastgroup or "body"
            found.append(
                DefaultBody(
                    name=text[match.start(group) : match.end(group)],
                    raw=text[match.start() : match.end()].rstrip(",，"),
                    start=match.start(),
                    end=match.start() + len(text[match.start() : match.end()].rstrip(",，")),
                )
            )
        return tuple(found)

    def is_label_line(self, paragraph: str) -> bool:
        """Whether a paragraph is a labelled line of bodies: 责任单位:省商务厅."""
        if not _LABEL_COLON.match(paragraph.lstrip()):
            return False
        folded = fold(paragraph).strip()
        return any(pattern.match(folded) for pattern, _ in self.labels) or bool(self.until.fullmatch(folded))

    def _labelled_lines(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Runs of labelled lines; the lines of one run make one responsibility."""
        run: list[tuple[int, int]] = []
        for match in re.finditer(r"[^\r\n]+", text[start:end]):
            line = match.group()
            begin = start + match.start() + len(line) - len(line.lstrip())
            stop = start + match.start() + len(line.rstrip())
            if begin < stop and self.is_label_line(text[begin:stop]):
                run.append((begin, stop))
            elif run:
                yield run[0][0], run[-1][1]
                run = []
        if run:
            yield run[0][0], run[-1][1]

    def _labelled_tails(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Labels behind a paragraph's last sentence, without a bracket: …。牵头单位:市数据局;配合单位:市财政局。"""
        for line in re.finditer(r"[^\r\n]+", text[start:end]):
            folded, labelled = fold(line.group()), []
            for sentence in re.finditer(r"(?<=[。!)])[^。]+(?:。|$)", folded):
                if any(pattern.match(sentence.group().lstrip()) for pattern, _ in self.labels):
                    labelled.append(sentence)
                elif labelled:
                    break
            if labelled:
                begin = labelled[0].end() - len(labelled[0].group().lstrip())
                yield start + line.start() + begin, start + line.start() + labelled[-1].end()

    def _read(self, raw: str, start: int, source: DutySource) -> Responsibility | None:
        if len(raw) > _LONGEST:
            return None
        printed = re.sub(r"[ \t　]+", "", raw)
        folded = fold(printed)
        if not self.hint.search(folded) or any(p.fullmatch(folded) for p in self.not_duties):
            return None
        first_leads = bool(self.first_leads.search(folded))
        until = scope = None
        for pattern in (self.first_leads, self.asides):
            folded, printed = _blank(pattern, folded, printed)
        if match := self.scope.search(folded):
            scope = printed[match.start("scope") : match.end("scope")].strip("。;,，；")
            folded, printed = _cut(match, folded, printed)
        if match := self.until.search(folded):
            until = printed[match.start("until") : match.end("until")].strip("。;,，；")
            folded, printed = _cut(match, folded, printed)
        folded, printed = _trimmed(folded, printed)
        duty = self._by_labels(folded, printed, start, raw) or self._by_pattern(folded, printed, start, raw)
        if duty is None:
            return None
        duty = replace(duty, until=until, scope=scope, source=source)
        return first_body_leads(duty) if first_leads else duty

    def _by_pattern(self, folded: str, printed: str, start: int, raw: str) -> Responsibility | None:
        for pattern in self.patterns:
            match = pattern.match.fullmatch(folded)
            if match:
                duty = _from_match(printed, folded, pattern, match, start)
                return replace(duty, raw=raw, end=start + len(raw)) if duty else None
        return None

    def _by_labels(self, folded: str, printed: str, start: int, raw: str) -> Responsibility | None:
        """牵头单位:…;责任单位:…: 责任单位 beside a lead are those who cooperate."""
        marks = sorted(
            (match.start(), match.end(), role)
            for pattern, role in self.labels
            for match in pattern.finditer(folded)
            if match.start() == 0 or folded[match.start() - 1] in ";,。、\n\r"
        )
        if not marks or marks[0][0] != 0:
            return None
        lists: dict[str, list[str]] = {role: [] for role in _ROLES}
        open_ended = False
        for (_, begin, role), following in zip(marks, [*(m[0] for m in marks[1:]), len(folded)], strict=True):
            value, shown = folded[begin:following], printed[begin:following]
            told = self._by_pattern(*_trimmed(value, shown), start, raw) if role == "responsible" else None
            if told is not None and told.lead:
                # 责任单位:县财政局牵头,县审计局配合
                lists["lead"] += told.lead
                lists["cooperating"] += told.cooperating
                open_ended = open_ended or told.open_ended
                continue
            if stop := re.search(r"(?:按职责分工)?(?:分别)?负责", value):
                value, shown = value[: stop.start()], shown[: stop.start()]
            names, is_open = split_bodies(value.strip(";,。、\r\n"), shown.strip(";,。、\r\n；，"))
            open_ended = open_ended or is_open
            lists.get(role, []).extend(names)
        if lists["lead"] and lists["responsible"]:
            lists["cooperating"] = [*lists["responsible"], *lists["cooperating"]]
            lists["responsible"] = []
        if not any(lists.values()):
            return None
        unique = {role: tuple(dict.fromkeys(names)) for role, names in lists.items()}
        return _responsibility(unique, open_ended, raw, start)


def first_body_leads(duty: Responsibility) -> Responsibility:
    """The duty under the rule that the first-listed body leads; one that names a lead stays."""
    if duty.lead or not duty.responsible or duty.source == "text":
        return duty
    first, *rest = duty.responsible
    return replace(duty, lead=(first,), cooperating=(*rest, *duty.cooperating), responsible=())


def _from_match(
    printed: str, folded: str, pattern: DutyPattern, match: re.Match[str], start: int
) -> Responsibility | None:
    lists: dict[str, tuple[str, ...]] = {}
    open_ended = pattern.open_ended
    for role in _ROLES:
        if role not in match.re.groupindex or match.group(role) is None:
            lists[role] = ()
            continue
        begin, end = match.span(role)
        lists[role], is_open = split_bodies(folded[begin:end], printed[begin:end])
        open_ended = open_ended or is_open
    if lists["lead"]:
        # Beside a lead, those who share the work cooperate.
        lists["cooperating"] = tuple(dict.fromkeys((*lists["cooperating"], *lists["responsible"])))
        lists["responsible"] = ()
    if not any(lists.values()):
        return None
    return _responsibility(lists, open_ended, printed, start)


def _responsibility(
    lists: dict[str, tuple[str, ...]], open_ended: bool, raw: str, start: int
) -> Responsibility:
    return Responsibility(
        lead=lists["lead"],
        cooperating=lists["cooperating"],
        responsible=lists["responsible"],
        guiding=lists["guiding"],
        open_ended=open_ended,
        raw=raw,
        start=start,
        end=start + len(raw),
    )


def split_bodies(names: str, printed: str | None = None) -> tuple[tuple[str, ...], bool]:
    """Bodies in a list, and whether the list stays open: 'A、B等部门、C' → (A, B, C), True.

    `names` is folded text, `printed` the same characters as printed, which the result is cut from.
    """
    printed = names if printed is None else printed
    masked = _GROUP.sub(lambda match: re.sub("[、()]", "\x00", match.group()), names)
    masked = re.sub(r"\([^()]*\)", lambda match: "\x00" * len(match.group()), masked)
    open_ended = False
    cuts: list[tuple[int, int]] = []
    for match in _JOINED.finditer(masked):
        open_ended = open_ended or bool(match.group("open"))
        cuts.append(match.span())
    cuts += [match.span() for match in _SEPARATOR.finditer(masked)]
    cuts += [match.span() for match in _SHARED.finditer(masked)]
    bodies = []
    begin = 0
    for cut_start, cut_end in [*sorted(cuts), (len(masked), len(masked))]:
        part = masked[begin:cut_start]
        stripped = _OPEN_ENDED.sub("", part)
        open_ended = open_ended or stripped != part
        if aside := _TAKES_IN.search(names[begin : begin + len(stripped)]):
            stripped = stripped[: aside.start()]
        name = printed[begin : begin + len(stripped)].strip()
        if _UNNAMED.fullmatch(stripped):
            open_ended = True
        elif name:
            bodies.append(name)
        begin = max(begin, cut_end)
    return tuple(dict.fromkeys(bodies)), open_ended


def _blank(pattern: re.Pattern[str], folded: str, printed: str) -> tuple[str, str]:
    while match := pattern.search(folded):
        folded, printed = _cut(match, folded, printed)
    return folded, printed


def _cut(match: re.Match[str], folded: str, printed: str) -> tuple[str, str]:
    start, end = match.span()
    return folded[:start] + folded[end:], printed[:start] + printed[end:]


def _trimmed(folded: str, printed: str) -> tuple[str, str]:
    end = len(folded.rstrip(";,。、\r\n"))
    return folded[:end], printed[:end]


def load_grammar(path: Path) -> DutyGrammar:
    """Read corpus/duty_patterns.yaml; raises BrokenKnowledge naming the row at fault."""
    data = read_yaml(path)
    fields = require(data, "fields", dict, path)
    return DutyGrammar(
        patterns=_patterns(require(data, "patterns", list, path), path),
        in_text=_patterns(require(data, "in_text", list, path), path),
        labels=tuple(
            (_compile(row, path), require(row, "role", str, path))
            for row in require(data, "labels", list, path)
        ),
        not_duties=tuple(_compile(row, path) for row in data.get("not_duties") or []),
        **{name: _compile(require(fields, name, dict, path), path) for name in _FIELDS},  # type: ignore[arg-type]
    )


_FIELDS = ("first_leads", "asides", "default_body", "until", "scope", "hint")


def _patterns(rows: Sequence[Any], path: Path) -> tuple[DutyPattern, ...]:
    return tuple(
        DutyPattern(
            id=require(row, "id", str, path),
            match=_compile(row, path),
            open_ended=bool(row.get("open_ended", False)),
        )
        for row in rows
    )


def _compile(row: Any, path: Path) -> re.Pattern[str]:
    source = require(row, "match", str, path)
    try:
        return re.compile(source)
    except re.error as error:
        raise BrokenKnowledge(f"{path}：写法 {source!r} 不是可用的正则表达式（{error}）") from None


def _brackets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Outermost bracket pairs of any shape; an unclosed one is passed over."""
    spans = []
    stack: list[int] = []
    for match in _BRACKET_OR_BREAK.finditer(text, start, end):
        char, position = match.group(), match.start()
        if char in _OPEN:
            stack.append(position)
        elif char in _CLOSE and stack:
            begin = stack.pop()
            if not stack:
                spans.append((begin, position + 1))
        elif char == "\n":
            stack.clear()
    return spans
