"""The learned weights: the shipped file, and files that are missing, cut short or of other features."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ingest.embedder import open_embedder
from ingest.errors import ModelBroken, ModelMissing
from rag.ranker import CONFIDENCE, CONFIDENCE_ASKED, FEATURES, SHIPPED, load_ranker, probability


def test_the_shipped_weights_score_each_feature() -> None:
    ranker = load_ranker()
    for weights in (ranker.plain, ranker.asked):
        assert set(weights.values) == set(FEATURES)
        assert weights.score({}) == 0
    assert ranker.plain.values["asked"] == 0 < ranker.asked.values["asked"]
    everything = dict.fromkeys(FEATURES, 1.0)
    assert 0.99 < ranker.score(everything, asked=True, mixed=False) <= 1.001
    # Beside clauses that nobody wrote questions for, questions count less.
    assert ranker.score(everything, asked=True, mixed=True) < ranker.score(
        everything, asked=True, mixed=False
    )
    assert ranker.score({}, asked=True, mixed=True) == 0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"nothing\.json.*train-ranker"):
        load_ranker(tmp_path / "nothing.json")


def test_government_business_is_told_from_other_talk() -> None:
    embedder, business = open_embedder(None), load_ranker().business
    assert business.embedder == embedder.name, "learned with the embedder that is shipped"

    def judged(text: str) -> float:
        return business(embedder.embed_query(text))

    ours = [
        "村里想修个冷库有补助吗",
        "厂子排污许可证到期找谁换",
        "孩子随迁上学归哪个部门管",
        "开诊所要批什么手续",
    ]
    others = ["周末陪女朋友看什么电影好", "笔记本电脑风扇太响了", "川菜和湘菜哪个更辣", "讲个冷笑话"]
    assert min(map(judged, ours)) > max(map(judged, others))
    assert business(np.zeros(len(business.direction), dtype=np.float32)) == 0
    assert business(np.ones(7, dtype=np.float32)) == 0, "vectors of another embedder say nothing"


@pytest.mark.parametrize("harm", ["{", "[]", '{"plain": {}}', "minus", "more", "crooked"])
def test_a_broken_file_is_named(tmp_path: Path, harm: str) -> None:
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    if harm == "minus":
        data["plain"]["cosine"] = -1
    if harm == "more":
        data["plain"]["other"] = 1
    if harm == "crooked":
        data["business"]["direction"] = [1, "x"]
    file = tmp_path / "ranker.json"
    file.write_text(json.dumps(data) if harm in ("minus", "more", "crooked") else harm, encoding="utf-8")
    with pytest.raises(ModelBroken, match=r"ranker\.json.*train-ranker"):
        load_ranker(file)


def test_a_first_hit_is_likelier_the_closer_it_is() -> None:
    ranker = load_ranker()
    for calibration, names in (
        (ranker.calibration, CONFIDENCE),
        (ranker.calibration_asked, CONFIDENCE_ASKED),
    ):
        assert set(calibration) == {"intercept", *names}
        # Whose matter the question is, where that counts, is told apart (tests/rag/test_matters.py).
        beside = {"other_matter": 0.45} if "other_matter" in names else {}
        far, near = (probability(calibration, dict.fromkeys(names, value) | beside) for value in (0.1, 0.7))
        assert 0 < far < 0.3 < near < 1
