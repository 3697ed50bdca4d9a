"""A figure with a name of its own is not answered by another one."""

from __future__ import annotations

import pytest
from rag_samples import ADVERTISING, context_for

from rag.build import Assistant
from rag.evidence import search
from rag.named_figures import lacks_named_figure


@pytest.mark.parametrize(
    ("question", "article", "lacks"),
    [
        ("户外广告设施受理以后多少天作出决定", 5, False),
        # Days, but not of the term of validity nor of a payment.
        ("户外广告设施许可证有效期是几年", 5, True),
        ("户外广告的补贴几天到账", 5, True),
        ("户外广告一平方米罚几倍", 5, True),
    ],
)
def test_what_the_article_does_not_speak_of(
    several: Assistant, question: str, article: int, lacks: bool
) -> None:
    with context_for(several, question) as context:
        hits = search(context, "户外广告设施申请受理决定")
        (hit,) = [
            h for h in hits if (h.clause.document_id, h.clause.clause.article) == (ADVERTISING, article)
        ]
        ask = context.question.asks[0]
        assert lacks_named_figure(context, ask, hit) is lacks
