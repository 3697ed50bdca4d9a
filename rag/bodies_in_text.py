"""Bodies that the quoted words name without a duty being laid down: 由市商务主管部门责令改正."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.stores.catalogue import StoredClause
from rag.context import Context
from rag.draft import Point
from rag.messages import say

# 市、县（市、区）人民政府财政部门: of several levels at once.
_LEVELS = r"(?:(?:所在地?|当地)?(?:的)?[省市州区县旗乡、]{1,6}[（(](?:[省市州区县旗镇、]|自治){1,6}[）)]|[省市州区县旗]、[省市州区县旗、]{1,5})"
# What a body does, behind its name: 由市科技局发放, 市市场监管局对….
_ACTS = r"(?:负责|牵头|会同|组织|受理|发放|公告|公示|公布|查处|结算|按照?|依法|责令|审[批核查定]|备案|监督|检查|抽[检查]|承担|对|每|在|自|应当|应|可以|统一|投诉|举报|提出|申[请报领]|报告|登记|认定|核[定实查]|给予|拨付|兑[付现]|办理|实施|管理|制定|建立|约谈|处[理置]|调[解查]|协[调助]|指导|帮[助扶]|配合|统筹|推荐|提供|安排|评[审估定]|颁发|核发|发布|通报|决定|验收|支付|主[管办]|承办|具体|开展|代[办为]|[,，;；。])"
# By its ending, from the last sign, blank or preposition before it on; 公安机关 by itself.
_BODY = re.compile(
    r"(?:^|(?<=[由向经报和与及同从受归得、,，。;；:：\s]))"
    rf"(?P<name>{_LEVELS}人民政府(?![一-龥]{{2,14}}部门)|(?!告|本|其|该|有关|相关|各有关)(?:{_LEVELS}(?=人民政府|[一-龥]{{2,8}}(?:部门|机关|机构)))?[一-龥]{{2,18}}?"
    r"(?:主管部门|行政部门|管理部门|监管部门|管理机构|监督机构|执法机构|执法组织|公安机关|公安派出所|检察机关|税务机关|监察机关|残疾人联合会|消费者协会|总工会|人民政府(?![一-龥]{2,12}部门)|人民法院|街道办事处|管委会|委员会|管理局|总局|海关|(?<!有关)(?<!相关)(?<!职能)部门(?!规章)|(?:局|厅|委|办公室|办)(?=负责|会同|解释))"
    rf"|(?<![一-龥])(?!市场主体)[省市州县区旗][一-龥]{{0,12}}?(?:局|厅|委|办|支队|大队|妇联|残联|工商联|团委|总工会)(?=、[省市州县区旗]|和[省市州县区旗]|{_ACTS})"
    rf"|(?<=[由向经报])[省市州县区旗]?[一-龥]{{2,12}}?(?:局|厅|委|办|中心|支队|大队|妇联|残联|工商联|团委)(?=、[省市州县区旗]|和[省市州县区旗]|{_ACTS})"
    r"|(?:公安机关|税务机关|海关|人民法院|街道办事处)(?![一-龥]?(?:监管|管理区)))"
)
_BEGIN = re.compile(
    r"^.*(?:应当|依法|可以|经|由|向|会同|报[请告]?|按照|根据|对|在(?!地)|成立|设立|组建|告知|通知|移送|取得|征得|服从|接受)(?=[一-龥]{4})"
)


# A digest's own sentence on the bodies that the original lists behind an article.
_LISTED = re.compile(r"条末列的单位是(?P<names>[^。]+)。")


def digest_bodies(context: Context, clauses: Sequence[StoredClause]) -> str:
    """What a digest says of the bodies that the original lists: it gives them no roles, and may leave them out."""
    found = [match.group("names") for clause in clauses if (match := _LISTED.search(clause.clause.text))]
    if not found:
        return say("digest_no_bodies", context.language)
    return say("digest_bodies", context.language, names=say("semicolon", context.language).join(found))


def bodies_named(context: Context, points: Sequence[Point]) -> tuple[str, ...]:
    """The bodies in the quotes of some points, in the order in which they stand there."""
    found: dict[str, None] = {}
    for point in points:
        text = context.snapshot.documents[point.clause.document_id].document.text
        for start, end in point.quotes:
            found |= dict.fromkeys(_names_in(text[start:end]))
    return tuple(found)


def _names_in(text: str) -> list[str]:
    """The names in a sentence, each from behind its verb on; 告知有关主管部门 names none."""
    names = (_BEGIN.sub("", match.group("name")) for match in _BODY.finditer(text))
    return [name for name in names if not name.startswith(("有关", "相关"))]
