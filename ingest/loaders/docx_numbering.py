"""The labels that Word prints before numbered paragraphs: 一、 （一） 1. 第三条.

They are not in the text of a .docx file; numbering.xml holds formats and starts, and each label
follows from the numbered paragraphs before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.chinese_numbers import DIGITS, to_chinese

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEVELS = 9
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_FORMAL = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_FORMAL_OLD = str.maketrans("零一二三四五六七八九十百千", "零壹貳參肆伍陸柒捌玖拾佰仟")
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
# Bullets of the symbol fonts, which have no place in Unicode.
_BULLETS = {
    "\uf0b7": "•",
    "\uf06c": "●",
    "\uf06e": "■",
    "\uf075": "◆",
    "\uf0d8": "➢",
    "\uf0fc": "✓",
    "\uf0a7": "▪",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How one level of a list is printed: format chineseCounting, text （%2）, start 1."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None  # restarts after this level (1-based); 0 never; None after any higher one
    legal: bool = False
    suffix: str = "tab"
    style: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """A w:num: levels of an abstract list, some changed, some started anew."""

    abstract: str
    levels: dict[int, Level]
    starts: dict[int, int]


@dataclass(slots=True)
class _Counters:
    values: list[int | None] = field(default_factory=lambda: [None] * LEVELS)


class Numbering:
    """Gives each numbered paragraph, in order, the label that Word prints."""

    def __init__(self, numbering: Any | None, style_lists: dict[str, str] | None = None) -> None:
        """`numbering` is the root of numbering.xml; `style_lists` maps numbering styles to their list."""
        self._lists = _read_lists(numbering, style_lists or {}) if numbering is not None else {}
        self._counters: dict[str, _Counters] = {}
        self._started: set[tuple[str, int]] = set()

    def level_of_style(self, list_id: str, styles: Sequence[str]) -> int:
        """The level that a list ties to the first of these paragraph styles; 0 where it ties none."""
        held = self._lists.get(list_id)
        tied = {level.style: number for number, level in held.levels.items()} if held else {}
        return next((tied[style] for style in styles if style in tied), 0)

    def suffix(self, list_id: str, level: int) -> str:
        """What stands between label and text: tab, space or nothing."""
        held = self._lists.get(list_id)
        return held.levels[level].suffix if held is not None and level in held.levels else "nothing"

    def label(self, list_id: str, level: int) -> str:
        """Count one paragraph of list `list_id` at `level` (0-based) and print its label."""
        held = self._lists.get(list_id)
        if held is None or not 0 <= level < LEVELS or level not in held.levels:
            return ""
        values = self._counters.setdefault(held.abstract, _Counters()).values
        if level in held.starts and (list_id, level) not in self._started:
            values[level] = None
        first = held.starts.get(level) if (list_id, level) not in self._started else None
        self._started.add((list_id, level))
        current = values[level]
        if first is not None:
            values[level] = first
        elif current is None:
            values[level] = held.starts.get(level, held.levels[level].start)
        else:
            values[level] = current + 1
        for deeper in range(level + 1, LEVELS):
            restart = held.levels[deeper].restart if deeper in held.levels else None
            if restart is None or (restart and level < restart):
                values[deeper] = None
        return _print(held, level, values)


def _print(held: _List, level: int, values: list[int | None]) -> str:
    form = held.levels[level]
    if form.format == "bullet":
        return "".join(
            _BULLETS.get(char, "•" if "\ue000" <= char <= "\uf8ff" else char) for char in form.text
        )

    def number(match: re.Match[str]) -> str:
        shown = int(match.group(1)) - 1
        other = held.levels.get(shown, Level())
        value = values[shown] if shown < LEVELS else None
        return format_number(
            other.start if value is None else value,
            "decimal" if form.legal and shown < level else other.format,
        )

    return re.sub(r"%([1-9])", number, form.text)


def join_label(label: str, suffix: str, text: str) -> str:
    """Label and text as one line: 一、 joins directly, 第三条 and 1.(before a digit) keep a space."""
    if not label:
        return text
    if suffix == "nothing" or not text:
        return label + text
    tight = label[-1] in "、．.)）】〕。，" and not (text[0].isascii() and text[0].isalnum())
    return label + text if tight else f"{label} {text}"


def format_number(value: int, form: str) -> str:
    """One number in one of Word's formats: format_number(12, 'chineseCounting') → 十二."""
    printer = _FORMATS.get(form)
    if printer is None:
        return "" if form == "none" else str(value)
    try:
        return printer(value)
    except (ValueError, IndexError):
        return str(value)


def _pick(symbols: str) -> Callable[[int], str]:
    def pick(value: int) -> str:
        if not 1 <= value <= len(symbols):
            raise ValueError(value)
        return symbols[value - 1]

    return pick


def _cycle(symbols: str) -> Callable[[int], str]:
    return lambda value: symbols[(value - 1) % len(symbols)]


def _letters(value: int) -> str:
    # Word repeats the letter: … z, aa, bb.
    if value < 1:
        raise ValueError(value)
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _roman(value: int) -> str:
    if not 1 <= value <= 4999:
        raise ValueError(value)
    text = ""
    for unit, symbol in _ROMAN:
        count, value = divmod(value, unit)
        text += symbol * count
    return text


def _digits(value: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value))


def _chinese(value: int) -> str:
    return DIGITS[0] if value == 0 else to_chinese(value)


def _wide(value: int) -> str:
    return "".join(chr(ord("０") + int(digit)) for digit in str(value))


_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿"
_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda value: f"{value:02d}",
    "decimalFullWidth": _wide,
    "decimalFullWidth2": _wide,
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "ideographDigital": _digits,
    "japaneseDigitalTenThousand": _digits,
    "taiwaneseDigital": _digits,
    "koreanDigital2": _digits,
    "chineseLegalSimplified": lambda value: _formal(value).translate(_FORMAL),
    "ideographLegalTraditional": lambda value: _formal(value).translate(_FORMAL_OLD),
    "japaneseLegal": lambda value: _formal(value).translate(_FORMAL_OLD),
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "decimalEnclosedCircle": _pick(_CIRCLED),
    "decimalEnclosedCircleChinese": _pick(_CIRCLED),
    "decimalEnclosedParen": _pick("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _pick("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "ideographEnclosedCircle": _pick("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
}


def _formal(value: int) -> str:
    text = _chinese(value)
    return f"一{text}" if text.startswith("十") else text


def _read_lists(root: Any, style_lists: dict[str, str]) -> dict[str, _List]:
    abstracts: dict[str, dict[int, Level]] = {}
    linked: dict[str, str] = {}
    for element in root.iterchildren(f"{W}abstractNum"):
        identity = element.get(f"{W}abstractNumId", "")
        abstracts[identity] = dict(_read_levels(element))
        link = element.find(f"{W}numStyleLink")
        if link is not None:
            linked[identity] = link.get(f"{W}val", "")
    of_list = {
        element.get(f"{W}numId", ""): _value(element, "abstractNumId") or ""
        for element in root.iterchildren(f"{W}num")
    }
    lists: dict[str, _List] = {}
    for element in root.iterchildren(f"{W}num"):
        identity = element.get(f"{W}numId", "")
        abstract = of_list[identity]
        if abstract in linked:
            # The list is defined by a numbering style, which points to another list.
            abstract = of_list.get(style_lists.get(linked[abstract], ""), abstract)
        levels = dict(abstracts.get(abstract, {}))
        starts: dict[int, int] = {}
        for override in element.iterchildren(f"{W}lvlOverride"):
            number = _int(override.get(f"{W}ilvl"), 0)
            levels |= dict(_read_levels(override))
            start = _value(override, "startOverride")
            if start is not None:
                starts[number] = _int(start, 1)
                if number in levels:
                    levels[number] = replace(levels[number], start=starts[number])
        lists[identity] = _List(abstract=abstract, levels=levels, starts=starts)
    return lists


def _read_levels(parent: Any) -> Iterator[tuple[int, Level]]:
    for element in parent.iterchildren(f"{W}lvl"):
        # Newer formats stand in an alternate-content block with a plain one as fallback.
        form = element.find(f".//{W}numFmt")
        restart = _value(element, "lvlRestart")
        legal = element.find(f"{W}isLgl")
        yield (
            _int(element.get(f"{W}ilvl"), 0),
            Level(
                start=_int(_value(element, "start"), 1),
                format=form.get(f"{W}val", "decimal") if form is not None else "decimal",
                text=_value(element, "lvlText") or "",
                restart=None if restart is None else _int(restart, 0),
                legal=legal is not None and legal.get(f"{W}val", "1") not in ("0", "false", "off"),
                suffix=_value(element, "suff") or "tab",
                style=_value(element, "pStyle"),
            ),
        )


def _value(parent: Any, name: str) -> str | None:
    element = parent.find(f"{W}{name}")
    return None if element is None else element.get(f"{W}val")


def _int(text: str | None, default: int) -> int:
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default
