"""What a document says about itself before and after its clauses: title, number, dates, addressees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ingest.chinese_numbers import to_int
from ingest.numbering import match_marker
from ingest.references import find_number
from ingest.text import fold, paragraphs
from ingest.types import Metadata

_YEAR = r"(?:(?:19|20)\d{2}|[一二][〇○Ｏo0零一二三四五六七八九九]{3})"
_PART = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_DATE = re.compile(rf"(?P<y>{_YEAR})\s*年\s*(?P<m>{_PART})\s*月\s*(?P<d>{_PART})\s*日", re.IGNORECASE)
_ISO_DATE = re.compile(r"(?P<y>(?:19|20)\d{2})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})")
_POSTED = re.compile(r"^(?:发布日期|发布时间|发文日期|发布)\s*:")
_PAGE_NOISE = re.compile(
    r"^\[?(?:(?:发布日期|发布时间|浏览次数|分享到|来源|字体|字号|点击数|责任编辑)\s*(?::|$)"
    r"|打印本页|收藏本文|\(此件公开发布\)|扫一扫)"
)
_ADDRESSEE_HINT = re.compile(r"[各省市州县区部委办局厅司院企业单位组织机关政府]")
# A line with a colon that leads to the clauses and addresses nobody: 现将有关事项通知如下:
_INTRODUCES = re.compile(r"如下|以下|下列|现将|现就|^为")
# A clause that names the day it takes effect is not the date below the signature.
_TAKES_EFFECT = re.compile(r"。|施行|实施|执行|有效|废止")
_SIGNATURE = re.compile(
    r"^[一-鿿、\s]{2,40}(?:政府|办公厅|办公室|委员会|部|厅|局|署|总局|国务院|党委|人大|行|会|院)$"
)
_ISSUER_IN_TITLE = re.compile(r"^(?P<issuer>[一-鿿、\s]{2,60}?)(?:关于|印发|转发|批转|令|公告|通告|通知|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a document's body lies: after title and addressees, before signature and page noise."""

    metadata: Metadata
    body_start: int
    body_end: int


def read_date(text: str) -> str | None:
    """ISO form of the first date: 2015年1月27日, 二〇一五年一月二十七日 → 2015-01-27."""
    folded = fold(text)
    match = _DATE.search(folded) or _ISO_DATE.search(folded)
    if not match:
        return None
    year_text = match.group("y").replace("o", "〇").replace("零", "〇")
    if not year_text.isdigit():
        year_text = year_text.replace("0", "〇")
    year = to_int(year_text)
    month, day = to_int(match.group("m")), to_int(match.group("d"))
    if not (year and month and day and 1900 <= year <= 2100):
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:  # 2月31日
        return None


def is_page_noise(paragraph: str) -> bool:
    """Whether a line comes from the web page, not the document: 分享到: 收藏本文."""
    return bool(_PAGE_NOISE.match(fold(paragraph)))


def read_frame(text: str) -> Frame:
    """Title, number, dates and addressees of a document, and the span of its body."""
    spans = list(paragraphs(text))
    title_lines: list[str] = []
    number: str | None = None
    posted_on: str | None = None
    addressees: tuple[str, ...] = ()
    index = 0
    while index < len(spans):
        start, end = spans[index]
        line = text[start:end].lstrip("#").strip()
        folded = fold(line)
        found_number = find_number(line)
        if not line:
            pass
        elif found_number:
            number = number or found_number
        elif _POSTED.match(folded):
            posted_on = read_date(line)
        elif is_page_noise(line) or re.fullmatch(r"[(]?" + _DATE.pattern + r"[)]?", folded):
            pass
        elif _is_addressee_line(line, bool(title_lines)):
            addressees = split_addressees(line)
            index += 1
            break
        elif (
            match_marker(line)
            or line[-1] in "。;；"
            or (title_lines and (len(line) > 45 or line[-1] in ":："))
        ):
            break
        elif len(title_lines) < 4:
            title_lines.append(line)
        else:
            break
        index += 1
    body_start = spans[index][0] if index < len(spans) else len(text)
    body_end, signature, issued_on = _read_tail(text, spans[index:])
    title = "".join(title_lines)
    issuer = signature or _issuer_from_title(title)
    return Frame(
        metadata=Metadata(
            title=title,
            number=number,
            issuer=issuer,
            issued_on=issued_on,
            posted_on=posted_on,
            addressees=addressees,
        ),
        body_start=body_start,
        body_end=max(body_start, body_end),
    )


def _is_addressee_line(line: str, has_title: bool) -> bool:
    return (
        has_title
        and line[-1] in ":："
        and len(line) <= 300
        and "。" not in line
        and match_marker(line) is None
        and not _INTRODUCES.search(line)
        and bool(_ADDRESSEE_HINT.search(line))
    )


def split_addressees(line: str) -> tuple[str, ...]:
    """各市、自治州人民政府,兰州新区管委会: → its groups; 、 joins one group's kinds, so it stays."""
    return tuple(part.strip() for part in re.split(r"[,，;；]", line.rstrip(":： ")) if part.strip())


def _read_tail(text: str, spans: list[tuple[int, int]]) -> tuple[int, str | None, str | None]:
    """Walk back over page noise, date and signature: (end of body, signature, date)."""
    end = spans[-1][1] if spans else 0
    signature: str | None = None
    issued_on: str | None = None
    for position in range(len(spans) - 1, -1, -1):
        start, stop = spans[position]
        line = text[start:stop]
        if is_page_noise(line):
            pass
        elif issued_on is None and _is_date_line(line):
            issued_on = read_date(line)
        elif signature is None and issued_on is not None and _SIGNATURE.match(line) and "。" not in line:
            signature = re.sub(r"\s+", "", line)
        else:
            break
        end = spans[position - 1][1] if position else start
    return end, signature, issued_on


def _is_date_line(line: str) -> bool:
    return (
        len(line) <= 40
        and bool(read_date(line))
        and not match_marker(line)
        and not _TAKES_EFFECT.search(line)
    )


def _issuer_from_title(title: str) -> str | None:
    match = _ISSUER_IN_TITLE.match(title)
    if not match:
        return None
    issuer = match.group("issuer").strip()
    return issuer if re.search(r"(?:政府|办公厅|办公室|委员会|国务院|[部厅局署委院])$", issuer) else None
