"""Certificates, benefits and taxes with a name of their own (食品经营许可证, 公积金), asked about by that name.

Government business lies close to government business: 食品经营许可证几天能办下来 is found near any article on permits. Only a
document that names it answers. The names are kept in corpus/named_matters.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BrokenKnowledge
from ingest.knowledge import place, read_yaml, require

_LEAST = 2
_PIECES = re.compile(r"[,，。;；?？!！\s]+")
# …,这事归哪个部门管: asks whose matter is what was told before.
_WHOSE = re.compile(
    r"^(?:这|那|该|像这)?(?:事儿?|种事?|个事?|类事?|情况)?[^,]{0,6}(?:归|由|找|问|该|是)(?:去|向)?(?:哪|谁)"
)
_ASKING = re.compile(
    r"怎么|咋|如何|哪|谁|多少|几|多久|啥|什么|能不能|能否|可不可以|可以[^,]{0,8}[吗么]|要不要|吗$|呢$"
)
_DEALT_WITH = r"(?:补办|申办|办理|申请|申领|领取|提取|代办|开具|注销|注册|考取|退|办|领|取|查|补|换|交|缴|报|考|开|贷|转|迁)"
# 凭身份证, 有居住证的, 没有营业执照 tell of who asks, not of what is asked for.
_BEFORE = re.compile(
    r"(?:有|持|凭|拿|拿着|带|带着|用|无|缺|除了?|含|包括|按时?|吃|领着|住着?|靠|和|及|跟|、|给[^,]{0,6}交了|已经?[^,]{0,4})$"
)
_AFTER = re.compile(
    r"^(?:证|书)?(?:复印件|原件|上[写登印]|号|户|家庭|对象|人员|的(?!时间|地方|材料|手续|标准|条件|钱|比例|额度|流程)|[^,]{0,2}(?:以后|之后|满|还没|过期|齐|房子)|考生|学生|生)"
)
# 办完营业执照以后.
_DONE = re.compile(r"^(?:完|好|了|过|下来|到|齐|着)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMatter:
    """What has a name of its own, with its other names, and who usually handles it: 失业金, 失业保险; 人力资源社会保障部门."""

    who: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedMatters:
    """All rows of the file."""

    rows: tuple[NamedMatter, ...] = ()

    def asked(self, folded: str) -> list[NamedMatter]:
        """What a folded question asks about by a name; not what it tells in passing."""
        return [
            row
            for row in self.rows
            if any(
                _asks_about(piece, name, following)
                for name in row.names
                if name in folded
                for piece, following in _pieces(folded, name)
            )
        ]

    def unspoken(self, folded: str, texts: Iterable[str]) -> str:
        """Who usually handles what a question asks about by name, where no text holds a name of it; empty where one does."""
        asked = self.asked(folded)
        names = [name for row in asked for name in row.names]
        if not asked or any(name in text for text in texts for name in names):
            return ""
        return asked[0].who


def _pieces(folded: str, word: str) -> list[tuple[str, str]]:
    """The pieces of a question that hold the word, each with the one that follows."""
    pieces = [piece for piece in _PIECES.split(folded) if piece]
    return [(piece, after) for piece, after in zip(pieces, [*pieces[1:], ""], strict=True) if word in piece]


def _asks_about(piece: str, word: str, following: str) -> bool:
    before, _, after = piece.partition(word)
    if _BEFORE.search(before) or _AFTER.match(after):
        return False
    dealt_with = re.search(rf"{_DEALT_WITH}(?P<more>[^,]{{0,4}})$", before)
    if dealt_with and _DONE.match(dealt_with.group("more")):
        return False
    done_with = dealt_with or re.match(rf"(?:证|书)?{_DEALT_WITH}", after)
    asked = _ASKING.search(piece) or _ASKING.search(following)
    return bool(_ASKING.search(after) or _WHOSE.match(following) or (done_with and asked))


def load_named_matters(path: Path) -> NamedMatters:
    """Read corpus/named_matters.yaml; raises BrokenKnowledge naming the row at fault."""
    rows: list[NamedMatter] = []
    for row in require(read_yaml(path), "matters", list, path):
        who = require(row, "who", str, path)
        for words in require(row, "words", list, path):
            names = tuple(str(words).split("/"))
            if not all(len(name) >= _LEAST for name in names):
                raise BrokenKnowledge(f"{place(path, row)}：words 要写两个字以上的叫法")
            rows.append(NamedMatter(who=who, names=names))
    return NamedMatters(tuple(rows))
