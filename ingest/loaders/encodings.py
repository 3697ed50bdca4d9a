"""Bytes into characters: UTF-8, UTF-8 with a byte order mark, GB18030, Big5.

UTF-8 is strict, so a wrong guess fails. GB18030 and Big5 each read most of the other's bytes;
only real text consists mostly of common characters, so the reading with more of them is right.
"""

from __future__ import annotations

import codecs
import io
import re

# The most frequent characters of laws and government notices (71 % of running text), in both scripts.
_COMMON = frozenset(
    "的人一法民规上行有条在以市第和会定业中者十院国事大刑检为年当不发察应理海关地日作对或公方了部员出区务时三生动诉工用机处进是下查家二等"
    "案成管其本新提百经期月展主可要产表实开通门合报政全重保罪建他于电则金到并分讼同情制犯安个据及议能后学资件设高代委体现前四五力证场化与"
    "来自过元内将信位长水物收服利被办所级审交施多子决意这企示小向供活记责品监面单加告调相护共明外文由之依性起道商度网受立名社例强解罚量车"
    "得项入司任数持们间组取万接正六目照技程次省权书知计疑请嫌平款科专指准常心七美息式点特营台近认构联见某造集也最基该局果支我违律东问流天"
    "已八求就徒严各备从警执手布环结价运口质未至系况无比节导职推此标还试好防协害九因北费称需境反范传队更育教创说源府使县厅"
    "規條會業國檢爲為當發應關對員區務時動訴機處進經產實開門報於電則並訟個據議後學資設體現證場與來過內将將長辦級審決這記責監單調護網強罰車項數們間組萬"
    "權書計請專準點營臺認構聯見該違東問嚴備從執環結價運質況無節導職標還試協費稱範傳隊創說縣廳甘肅號"
    "，。、；：（）《》“”〔〕　！？—·"
)
# GB2312 level 1 and Big5 level 1: the characters that each standard counts as common.
_LEVEL_1 = frozenset(
    bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)
) | frozenset(
    bytes((high, low)).decode("big5", "ignore")
    for high in range(0xA4, 0xC7)
    for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
)
_HAN_IN_UTF8 = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}|\xe3\x80[\x80-\xbf]|\xef\xbc[\x80-\xbf]){3}")
_SAMPLE = 50_000
_ASCII = re.compile(r"[\x00-\x7f]+")
# Controls and private characters, of which a text has hardly any.
_ODD = re.compile("[\x00-\x08\x0b\x0e-\x1f\ue000-\uf8ff]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class NotText(ValueError):
    """Bytes that are no text in any encoding we know; the message says why, in Chinese."""


def decode(raw: bytes, declared: str | None = None) -> str:
    """The text in `raw`; `declared` is an encoding that the file names itself, which may be wrong.

    Raises NotText.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _checked(_strict(raw, encoding))
    if b"\x00" in raw:
        raise NotText("不是文本文件（含有二进制内容）")
    text = _try(raw, "utf-8")
    if text is not None:
        # 通知 or 联通 alone in GB18030 happens to be UTF-8 for letters that no Chinese text has.
        other = _try(raw, "gb18030") if not text.isascii() and max(text) < "\u0800" else None
        return _checked(other if other and _commonness(other) > 0.4 else text)
    _refuse_mixture(raw)
    readings = [_try(raw, "gb18030"), _try(raw, "cp950") or _try(raw, "big5hkscs")]
    if declared and declared.lower().startswith("big5"):
        readings.reverse()
    best = max((text for text in readings if text), key=_commonness, default=None)
    if best is None or not _plausible(best):
        raise NotText("不是文本文件，或编码不是 UTF-8、GB18030、Big5；请另存为 UTF-8 再试")
    return _checked(best)


def _strict(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise NotText("编码与文件开头的标记不符，或文件不完整；请另存为 UTF-8 再试") from None


def _try(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _refuse_mixture(raw: bytes) -> None:
    """Lines in UTF-8 beside lines that are not: joined from two files, or cut inside a character."""
    good = bad = 0
    for number, line in enumerate(io.BytesIO(raw), start=1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            # A line of nothing but UTF-8 up to one broken place counts for both.
            bad = bad or number
            good += bool(_HAN_IN_UTF8.search(line)) and _mostly_utf8(line)
        else:
            good += bool(_HAN_IN_UTF8.search(line))
        if good and bad:
            raise NotText(f"第 {bad} 行的编码与其他行不同（混用了编码或文件不完整）；请统一另存为 UTF-8 再试")


def _mostly_utf8(line: bytes) -> bool:
    text = line.decode("utf-8", "replace")
    return text.count("\ufffd") <= len(text) * 0.1


def _sample(text: str) -> str:
    """The characters beyond ASCII that stand for the whole: beginning, middle and end of a long text."""
    if len(text) > 3 * _SAMPLE:
        middle = len(text) // 2
        text = text[:_SAMPLE] + text[middle : middle + _SAMPLE] + text[-_SAMPLE:]
    return _ASCII.sub("", text)


def _commonness(text: str) -> float:
    letters = _sample(text)
    return sum(1 for char in letters if char in _COMMON) / len(letters) if letters else 1.0


def _plausible(text: str) -> bool:
    letters = _sample(text)
    usual = sum(1 for char in letters if char in _LEVEL_1 or char in _COMMON)
    return _commonness(text) >= 0.25 or usual >= len(letters) * 0.8


def _checked(text: str) -> str:
    if not text.strip():
        raise NotText("文件是空的")
    odd = sum(1 for _match in _ODD.finditer(text))
    if "\x00" in text or odd > len(text) * 0.01:
        raise NotText("不是文本文件（含有二进制内容）")
    return text
