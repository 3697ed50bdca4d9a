"""The record beside a document on a page: 索引号 发文机关 成文日期 发文字号 发布日期, labelled values in a line."""

from __future__ import annotations

import re

from ingest.lines import read_date
from ingest.references import find_number

_FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("标题", "名称", "信息名称", "文件名称", "公文名称", "文件标题", "信息标题"),
    "number": ("发文字号", "文号", "发文文号", "文件编号", "文件字号", "公文文号", "文件文号"),
    "issuer": ("发文机关", "发文单位", "制发机关", "发布机关", "发布机构", "发布单位", "公开机构"),
    "issued_on": ("成文日期", "成文时间", "发文日期", "发文时间", "生成日期", "印发日期", "制发日期"),
    "posted_on": ("发布日期", "发布时间", "公开日期", "公开时间", "公布日期", "发表时间", "上网时间"),
}
# Labels that end another field's value and hold nothing that we keep.
_OTHERS = (
    "索引号", "主题分类", "体裁分类", "组配分类", "信息分类", "服务对象", "主题词", "关键词", "有效性", "是否有效", "效力状态", "时效性", "生效日期", "实施日期",
    "施行日期", "失效日期", "废止日期", "公开方式", "公开范围", "公开形式", "公开责任部门", "内容概述", "信息来源", "文章来源", "来源", "作者", "浏览次数",
    "阅读次数", "访问次数", "点击次数", "点击数", "浏览量", "阅读量", "字体", "字号", "分享", "打印", "责任编辑", "统一编号", "统一登记号", "规范性文件编号", "所属机构",
    "载体类型", "语种", "有效期", "分类", "文种", "签发人", "签发日期",
)  # fmt: skip
_BY_LABEL = {label: field for field, labels in _FIELDS.items() for label in labels}
_LABELS = sorted((*_BY_LABEL, *_OTHERS), key=len, reverse=True)
_LABEL = re.compile(
    r"(?:^|(?<=[\s|(（]))[【\[]?(?P<label>"
    + "|".join(r"\s*".join(label) for label in _LABELS)
    + r")[】\]]?\s*(?P<mark>[:：]|\t)[ \u3000]*\t?"
)
_EMPTY = re.compile(r"[\s无/—\-–*]*")


class Facts:
    """Fields found so far; the first statement of a field stands."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    @property
    def title(self) -> str:
        """The title that the page states, or nothing."""
        return self.values.get("title", "")

    @property
    def number(self) -> str:
        """The document number that the page states, or nothing."""
        return self.values.get("number", "")

    def set(self, field: str, value: str) -> None:
        """Note a field unless it is known already or the value says nothing: 无, —."""
        read = _read(field, value.strip())
        if read:
            self.values.setdefault(field, read)

    def read_line(self, line: str) -> None:
        """Every labelled value in a line: 成文日期:2019年01月27日 发布日期:2019年02月15日."""
        matches = list(_LABEL.finditer(line))
        for match, following in zip(matches, [*matches[1:], None], strict=False):
            field = _BY_LABEL.get(re.sub(r"\s+", "", match.group("label")))
            if field is None:
                continue
            value = line[match.end() : following.start() if following else len(line)]
            # A cell ends at the tab; a value after a colon may be followed by other things of the page.
            self.set(field, value.strip().split("\t")[0])


def _read(field: str, value: str) -> str:
    if not value or _EMPTY.fullmatch(value):
        return ""
    if field in ("issued_on", "posted_on"):
        return read_date(value) or ""
    if field == "number":
        return find_number(value) or ("" if len(value) > 40 else value)
    if field == "title":
        return re.sub(r"\s+", "", value) if re.search(r"[一-鿿]", value) else value
    if field == "issuer" and len(value) > 60:
        return ""
    return value


def is_furniture(folded: str) -> bool:
    """Whether a line is nothing but the page's record: 发布日期:2015-03-13 浏览次数:3."""
    match = _LABEL.match(folded)
    return match is not None and match.group("mark") != "\t" and len(folded) <= 120


def is_label(cell: str) -> bool:
    """Whether a cell, blanks and colons removed, is one of a record's labels: 发文机关."""
    return cell in _LABELS


def starts_with_label(text: str) -> bool:
    """Whether a text begins with a labelled value: 发文机关:国务院."""
    return bool(_LABEL.match(text))
