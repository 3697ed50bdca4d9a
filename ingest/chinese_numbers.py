"""Chinese numerals as documents number their clauses: 二十四 ↔ 24."""

from __future__ import annotations

import re

DIGITS = "〇零一二三四五六七八九"
_VALUES = {"〇": 0, "零": 0, "两": 2} | {char: n for n, char in enumerate("〇一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}

NUMERAL = r"[〇零一二三四五六七八九十百千两]+"
# No clause has a longer number, and Python refuses to read numbers of thousands of digits.
_LONGEST = 20


def to_int(numeral: str) -> int | None:
    """24 for 二十四, 廿四, 24 or ２４; None where the text is no number."""
    numeral = numeral.strip().replace("廿", "二十").replace("卅", "三十")
    if len(numeral) > _LONGEST:
        return None
    if re.fullmatch(r"[0-9０-９]+", numeral):
        return int(numeral)
    if not re.fullmatch(NUMERAL, numeral):
        return None
    if not any(char in _UNITS for char in numeral):
        # 二〇一五 is read digit by digit.
        return int("".join(str(_VALUES[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _VALUES[char]
    return total + digit


def to_chinese(number: int) -> str:
    """二十四 for 24; raises ValueError outside 1 to 9999."""
    if not 1 <= number <= 9999:
        raise ValueError(f"no clause number: {number}")
    text = ""
    zero = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit + 1] + name
            zero = False
        else:
            zero = True
    return text.removeprefix("一") if text.startswith("一十") else text
