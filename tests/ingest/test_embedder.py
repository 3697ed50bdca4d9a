"""The shipped embedder's vectors, and what is said when a model is missing or broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from ingest.embedder import (
    SHIPPED,
    WEIGHTS_KEY,
    SentenceTransformerEmbedder,
    StaticEmbedder,
    find_model,
    open_embedder,
)
from ingest.errors import BadInput, ModelBroken, ModelMissing

TEXTS = (
    "(十四)加强财政支持力度。(省财政厅牵头,省发展改革委、省商务厅等部门配合)",
    "鼓励符合条件的开发区开发、运营企业上市和发行债券。",
    "今天",
    "GDP 2015年 增长 8%",
    "第一条",
)


@pytest.fixture(scope="module")
def shipped() -> StaticEmbedder:
    return StaticEmbedder(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped folder to break."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "embedder"))


def similarity(embedder: StaticEmbedder, first: str, second: str) -> float:
    return float(embedder.embed_query(first) @ embedder.embed_documents([second])[0])


def test_rows_have_length_one(shipped: StaticEmbedder) -> None:
    vectors = shipped.embed_documents(TEXTS)
    assert vectors.shape == (len(TEXTS), shipped.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(shipped: StaticEmbedder) -> None:
    assert shipped.embed_documents([]).shape == (0, shipped.dimensions)


@pytest.mark.parametrize("text", ["", " \n\t", "。,;!", "😀🎉", "\ue000\uf8ff"])
def test_text_without_words_gives_the_zero_vector(shipped: StaticEmbedder, text: str) -> None:
    assert not shipped.embed_query(text).any()
    assert not shipped.embed_documents([text, "开发区"])[0].any()


def test_emoji_and_punctuation_change_nothing(shipped: StaticEmbedder) -> None:
    np.testing.assert_allclose(
        shipped.embed_query("😀财政支持!!"), shipped.embed_query("财政支持"), atol=1e-6
    )


@pytest.mark.parametrize(
    ("one", "other"), [("ＧＤＰ增长８％", "gdp增长8%"), ("（一）总体要求", "(一)总体要求")]
)
def test_width_and_case_do_not_matter(shipped: StaticEmbedder, one: str, other: str) -> None:
    np.testing.assert_allclose(shipped.embed_query(one), shipped.embed_query(other), atol=1e-6)


def test_lone_surrogate_is_survived(shipped: StaticEmbedder) -> None:
    assert np.isfinite(shipped.embed_query("财政\ud800支持")).all()


def test_long_text(shipped: StaticEmbedder) -> None:
    vector = shipped.embed_query("省财政厅牵头。" * 50_000)
    np.testing.assert_allclose(vector, shipped.embed_query("省财政厅牵头。"), atol=1e-4)


def test_a_text_is_embedded_alike_alone_and_in_any_batch(shipped: StaticEmbedder) -> None:
    together = shipped.embed_documents(TEXTS)
    alone = np.stack([shipped.embed_query(text) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(shipped.embed_documents(TEXTS[::-1])[::-1], together)


@pytest.mark.parametrize(
    ("question", "related", "unrelated"),
    [
        ("哪个部门给钱支持开发区？", "加强财政支持力度，安排专项资金", "规范土地利用，严禁圈占土地"),
        ("企业怎么贷款融资", "鼓励金融机构创新信贷产品和担保方式", "保护生态环境，建设生态工业园区"),
        ("污染环境怎么处罚", "违反规定排放污染物的，责令改正并处罚款", "外商投资企业依法享受优惠待遇"),
        ("用地审批怎么办理", "建设用地应当符合土地利用总体规划", "加强人才队伍建设，引进高层次人才"),
        ("招商引资有哪些措施", "创新招商方式，吸引境外投资者投资", "做好档案管理和保密工作"),
        ("老板拖欠工资怎么办", "用人单位应当及时足额支付劳动报酬", "机动车应当按期进行安全技术检验"),
        ("人才引进政策", "完善高层次人才的住房、落户和子女就学", "城市供水单位应当保证水质"),
        ("房东不退押金", "租赁合同终止，出租人应当返还租赁物和押金", "海关监管货物不得擅自转让"),
    ],
)
def test_related_texts_are_closer(
    shipped: StaticEmbedder, question: str, related: str, unrelated: str
) -> None:
    assert similarity(shipped, question, related) > similarity(shipped, question, unrelated) + 0.05


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_gives_a_finite_unit_or_zero_vector(text: str) -> None:
    vector = open_shipped().embed_query(text)
    assert np.isfinite(vector).all()
    length = float(np.linalg.norm(vector))
    assert length == 0 or abs(length - 1) < 1e-5


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="省财政厅牵头，。发展改革委开发区abc12 \n", max_size=30), max_size=6))
def test_rows_stand_in_the_order_of_the_texts(texts: list[str]) -> None:
    vectors = open_shipped().embed_documents(texts)
    assert len(vectors) == len(texts)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(vector, open_shipped().embed_query(text))


_OPENED: list[StaticEmbedder] = []


def open_shipped() -> StaticEmbedder:
    """Opened once: Hypothesis takes no module fixtures."""
    if not _OPENED:
        _OPENED.append(StaticEmbedder(SHIPPED))
    return _OPENED[0]


def test_the_name_tells_the_weights(shipped: StaticEmbedder, folder: Path) -> None:
    assert StaticEmbedder(folder).name == shipped.name
    table = load_file(folder / "model.safetensors")[WEIGHTS_KEY].copy()
    table[100] += 1
    save_file({WEIGHTS_KEY: table}, folder / "model.safetensors")
    assert StaticEmbedder(folder).name != shipped.name


@pytest.mark.parametrize("name", [None, "", "shipped"])
def test_the_shipped_one_is_the_default(shipped: StaticEmbedder, name: str | None) -> None:
    assert open_embedder(name).name == shipped.name


def test_a_static_folder_is_opened_without_torch(shipped: StaticEmbedder, folder: Path) -> None:
    assert isinstance(open_embedder(str(folder)), StaticEmbedder)
    assert open_embedder(str(folder)).name == shipped.name


def test_serving_imports_no_torch() -> None:
    program = (
        "import sys; from ingest.embedder import open_embedder; open_embedder(None).embed_query('开发区');"
        "sys.exit(bool({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], check=False, cwd=SHIPPED.parents[1]).returncode == 0
    )


@pytest.mark.parametrize(
    "name", ["nobody/no-such-model", "no-such-model", "./no/such/folder", "/no/such", "a b?c"]
)
def test_a_missing_model_fails_at_once_and_says_what_to_do(name: str) -> None:
    program = (
        "import sys, time; from ingest.embedder import open_embedder; started = time.monotonic()\n"
        f"try: open_embedder({name!r})\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "print('torch' in sys.modules, time.monotonic() - started)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=SHIPPED.parents[1]
    )
    message, end = done.stdout.splitlines()
    assert message.startswith("ModelMissing")
    assert name in message
    assert "leave the setting empty" in message
    imported, seconds = end.split()
    assert imported == "False"
    assert float(seconds) < 2


def test_missing_model_is_bad_input() -> None:
    with pytest.raises(ModelMissing) as caught:
        open_embedder("nobody/no-such-model")
    assert isinstance(caught.value, BadInput)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_model_in_the_cache_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    revision = "0" * 40
    repository = tmp_path / "models--somebody--some-model"
    snapshot = repository / "snapshots" / revision
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(revision)
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    assert find_model("somebody/some-model") == snapshot
    assert find_model("somebody/other-model") is None


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(ModelMissing, match=file):
        StaticEmbedder(folder)


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("kept", [0, 5, 1000])
def test_a_truncated_file_is_named(folder: Path, file: str, kept: int) -> None:
    whole = (folder / file).read_bytes()
    (folder / file).write_bytes(whole[:kept])
    with pytest.raises(ModelBroken, match=file) as caught:
        StaticEmbedder(folder)
    assert "\n" not in str(caught.value)
    assert "shipped" in str(caught.value)


def test_half_the_weights_are_not_enough(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ModelBroken, match=r"model\.safetensors"):
        open_embedder(str(folder))


def test_weights_of_another_tokenizer_are_refused(folder: Path) -> None:
    save_file({WEIGHTS_KEY: np.ones((10, 4), dtype=np.float16)}, folder / "model.safetensors")
    with pytest.raises(ModelBroken, match=r"10 rows but tokenizer\.json has"):
        StaticEmbedder(folder)


@pytest.mark.parametrize(
    "tensors", [{"other": np.ones((2, 2), dtype=np.float16)}, {WEIGHTS_KEY: np.ones(4, dtype=np.float16)}]
)
def test_weights_without_the_table_are_refused(folder: Path, tensors: dict[str, np.ndarray]) -> None:
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ModelBroken, match=r"model\.safetensors"):
        StaticEmbedder(folder)


@pytest.mark.parametrize(
    "modules", ["", "{}", "[]", "[{}]", json.dumps([{"type": "a.Transformer", "path": ""}])]
)
def test_other_layouts_are_left_to_sentence_transformers(
    folder: Path, modules: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def record(_: object, model: str, **__: object) -> None:
        opened.append(model)

    monkeypatch.setattr(SentenceTransformerEmbedder, "__init__", record)
    (folder / "modules.json").write_text(modules)
    open_embedder(str(folder))
    assert opened == [str(folder)]


@pytest.mark.slow
def test_sentence_transformers_gives_the_same_vectors(shipped: StaticEmbedder) -> None:
    other = SentenceTransformerEmbedder(str(SHIPPED))
    assert other.dimensions == shipped.dimensions
    assert other.name.startswith("embedder@")
    texts = [*TEXTS, "", "😀"]
    np.testing.assert_allclose(other.embed_documents(texts), shipped.embed_documents(texts), atol=1e-3)
    np.testing.assert_allclose(other.embed_query(TEXTS[0]), shipped.embed_query(TEXTS[0]), atol=1e-3)
    assert other.embed_documents([]).shape == (0, shipped.dimensions)


@pytest.mark.slow
def test_a_models_own_prompts_are_used(folder: Path) -> None:
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "为这个句子生成表示:", "document": ""}})
    )
    prompted, plain = SentenceTransformerEmbedder(str(folder)), StaticEmbedder(folder)
    question = "哪个部门牵头?"
    expected = plain.embed_query("为这个句子生成表示:" + question)
    np.testing.assert_allclose(prompted.embed_query(question), expected, atol=1e-3)
    documents = prompted.embed_documents([question])
    np.testing.assert_allclose(documents, plain.embed_documents([question]), atol=1e-3)


@pytest.mark.slow
def test_a_broken_model_of_another_kind_is_one_line(folder: Path) -> None:
    (folder / "modules.json").write_text("[")
    with pytest.raises(ModelBroken) as caught:
        open_embedder(str(folder))
    assert "\n" not in str(caught.value)
