"""What a single line is, apart from clauses: page noise, a date, a signature, a line below the text."""

from __future__ import annotations

import re
from datetime import date

from ingest.chinese_numbers import to_int
from ingest.text import fold

_YEAR = r"(?:(?:19|20)\d{2}|[一二][〇o0零一二三四五六七八九]{3})"
_PART = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
DATE = re.compile(rf"(?P<y>{_YEAR})\s*年\s*(?P<m>{_PART})\s*月\s*(?P<d>{_PART})\s*日", re.IGNORECASE)
_ISO_DATE = re.compile(r"(?P<y>(?:19|20)\d{2})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})")
_NOISE = re.compile(
    r"^\[?(?:(?:发布日期|发布时间|浏览次数|阅读次数|访问次数|分享到?|来源|字体|字号|点击数|责任编辑|编辑|索引号|主题分类|发布机构|信息来源|时间|作者)\s*(?::|$)"
    r"|打印本页|打印|关闭窗口|收藏本文|\(此件公开发布\)|扫一扫|您(?:现在)?的位置|当前位置|上一篇|下一篇|相关链接|首页\s*>)"
)
_PAGE_NUMBER = re.compile(r"[-—－\s]*(?:第?\s*\d{1,3}\s*页?(?:\s*共\s*\d{1,3}\s*页)?)[-—－\s]*")
_SIGNATURE = re.compile(
    r"[一-龥、\s]{2,40}(?:政府|办公厅|办公室|委员会|委|部|厅|局|署|国务院|党委|人大|银行|会|院|行|公司|小组|中心)(?:\(章\))?"
)
_BELOW = re.compile(
    r"\(?此件.{0,12}\)?|\(?联系(?:人|电话).*|抄送.*|主题词.*|[一-龥]{2,20}办公[厅室]\s*\d{4}年.*印发|共印.*|信息公开选项.*"
)
_DATE_LINE = re.compile(r"\(?[^0-9〇o零一二三四五六七八九。;,]{0,4}" + DATE.pattern + r"\)?", re.IGNORECASE)


def read_date(text: str) -> str | None:
    """ISO form of the first date: 2015年1月27日, 二〇一五年一月二十七日 → 2015-01-27."""
    folded = fold(text)
    match = DATE.search(folded) or _ISO_DATE.search(folded)
    if not match:
        return None
    year_text = match.group("y").replace("o", "〇").replace("零", "〇")
    if not year_text.isdigit():
        year_text = year_text.replace("0", "〇")
    year, month, day = to_int(year_text), to_int(match.group("m")), to_int(match.group("d"))
    if not (year and month and day and 1900 <= year <= 2100):
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:  # 2月31日
        return None


def is_page_noise(line: str) -> bool:
    """Whether a line comes from the page, not the document: 分享到: 收藏本文, — 3 —."""
    folded = fold(line[:120]).strip()
    return bool(_NOISE.match(folded)) or (
        bool(_PAGE_NUMBER.fullmatch(folded)) and bool(re.search(r"[-—－页]", folded))
    )


def is_date_line(line: str) -> bool:
    """Whether a line is a date and nothing else, as below a signature."""
    if len(line) > 60:
        return False
    return bool(_DATE_LINE.fullmatch(fold(line).strip())) and read_date(line) is not None


def is_signature(line: str) -> bool:
    """Whether a line can be the name of an issuing body standing alone."""
    if len(line) > 60:
        return False
    return bool(_SIGNATURE.fullmatch(fold(line).strip()))


def is_below_text(line: str) -> bool:
    """Whether a line stands below the signature: (此件公开发布), 抄送:…."""
    return is_page_noise(line) or bool(_BELOW.fullmatch(fold(line).strip()))
