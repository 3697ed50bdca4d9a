"""Text to vectors: the shipped static embedder, or any sentence-transformers model named instead.

The shipped one is a table with a row for every word and character (开发区, 牵头, 税); a text is the
mean of its rows, brought to length one. It is read with numpy and tokenizers alone, so that answering
never waits for torch.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from ingest.errors import ModelBroken, ModelMissing

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "embedder"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_FILE = "model.safetensors"
WEIGHTS_KEY = "embedding.weight"
_STATIC_MODULES = ("StaticEmbedding", "Normalize")
# Questions and clauses that have nothing to do with each other: what a model makes of them is its zero.
_UNRELATED = (
    ("孩子上幼儿园怎么报名？", "铁路专用线的接轨由铁路运输企业审核。"),
    ("驾照到期去哪儿换？", "对粮食仓储设施给予建设补助。"),
    ("医保卡丢了怎么补？", "依法查处非法采砂行为。"),
    ("开饭店要办什么证？", "加强森林草原防火队伍建设。"),
    ("楼上漏水找谁？", "鼓励企业申请国际专利。"),
    ("工厂想上市有人帮忙吗？", "完善农村饮用水水源地保护。"),
)
_CONFIG_FILES = ("modules.json", "config_sentence_transformers.json", "config.json")
_DIGESTED = ("*.json", "*.safetensors", "*.bin", "*.txt", "*.model", "*.onnx")


class Embedder(Protocol):
    """Turns clauses and questions into vectors whose dot product says how close they are in meaning.

    `name` identifies the weights as well as the model, so that an index can tell that it was built
    with another embedder. Vectors have `dimensions` entries and length one, or are all zero where the
    text holds nothing that the model knows.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def baseline(self) -> float:
        """The cosine of a question and a clause that have nothing to do with each other."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per text, `(len(texts), dimensions)`."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, `(dimensions,)`."""
        ...


class StaticEmbedder:
    """A folder in sentence-transformers' static layout, read without sentence-transformers or torch.

    Raises ModelMissing where the folder or one of its files is not there, ModelBroken where a file
    cannot be read or the table and the tokenizer do not belong together.
    """

    baseline = 0.0  # words that have nothing to do with each other lie at right angles

    def __init__(self, folder: Path) -> None:
        tokenizer_file, weights_file = folder / TOKENIZER_FILE, folder / WEIGHTS_FILE
        for file in (tokenizer_file, weights_file):
            if not file.is_file():
                raise ModelMissing(f"the embedder's file {file} is missing; {_way_out(folder)}")
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelBroken(f"{tokenizer_file} cannot be read ({error}); {_way_out(folder)}") from error
        self._table = _read_table(weights_file, folder)
        rows, entries = len(self._table), self._tokenizer.get_vocab_size()
        if rows != entries:
            raise ModelBroken(
                f"{weights_file} has {rows} rows but {tokenizer_file.name} has {entries} entries; "
                f"{_way_out(folder)}"
            )
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.name = f"{folder.name}@{_digest((tokenizer_file, weights_file))}"
        self.dimensions = int(self._table.shape[1])

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per clause, `(len(texts), dimensions)`; a text's row does not depend on its batch."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        known = [_encodable(text) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(known, add_special_tokens=False)
        for vector, encoding in zip(vectors, encodings, strict=True):
            # Distinct entries only: a text of a million characters needs no more memory than the table.
            ids, counts = np.unique(np.asarray(encoding.ids, dtype=np.int64), return_counts=True)
            total = counts.astype(np.float32) @ self._table[ids].astype(np.float32)
            length = float(np.linalg.norm(total))
            if length > 0:
                vector[:] = total / length
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question such as 哪个部门牵头财政支持？, `(dimensions,)`."""
        row: NDArray[np.float32] = self.embed_documents([text])[0]
        return row

    def word_ids(self, text: str) -> NDArray[np.int64]:
        """The known words of a text, each once, as rows of the table."""
        return np.unique(self.words_in_order(text))

    def words_in_order(self, text: str) -> NDArray[np.int64]:
        """The known words of a text as they stand, as rows of the table."""
        ids = self._tokenizer.encode(_encodable(text), add_special_tokens=False).ids
        return np.asarray([i for i in ids if self._weights[i] > 0], dtype=np.int64)

    def told_by(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """How much each of some words (rows of the table) tells, `(len(ids),)`."""
        return self._weights[ids]

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The words of the table, row by row."""
        rows = sorted(self._tokenizer.get_vocab().items(), key=lambda entry: entry[1])
        return tuple(word for word, _ in rows)

    def weight(self, word: str) -> float:
        """How much a word tells, by what was learned: 不能 0.3, 时候 0.7, 机票 1.4; 0 for one that is not known."""
        ids = self._tokenizer.encode(_encodable(word), add_special_tokens=False).ids
        return max((float(self._weights[i]) for i in ids), default=0.0)

    def vector_of(self, ids: NDArray[np.int64], told: NDArray[np.float32]) -> NDArray[np.float32]:
        """The vector of some words (rows of the table), each counting so much more or less (0 to 1)."""
        summed: NDArray[np.float32] = told.astype(np.float32) @ self._table[ids].astype(np.float32)
        row: NDArray[np.float32] = _unit_rows(summed[None, :])[0]
        return row

    def late_interaction(
        self,
        question: NDArray[np.int64],
        asked: NDArray[np.float32],
        text: NDArray[np.float32],
        told: NDArray[np.float32] | None = None,
    ) -> float:
        """How well each word of a question finds a like word in a text, heavy words counting more; -1 to 1.

        A mean blurs what a long clause says; here 拖着工钱不给 needs only 工资支付 in it. `question` holds the question's words
        as rows of the table, `asked` and `text` the directions of both (`directions`), one row a word; `told` lets
        words count so much less (0 to 1).
        """
        if not len(question) or not len(text):
            return 0.0
        weights = self._weights[question] if told is None else self._weights[question] * told
        closest = (asked @ text.T).max(axis=1)
        return float(closest @ weights / weights.sum())

    def directions(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The rows of some words without their weights, `(len(ids), dimensions)`."""
        rows: NDArray[np.float32] = self._table[ids].astype(np.float32) / self._weights[ids][:, None]
        return rows

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        lengths: NDArray[np.float32] = np.linalg.norm(self._table.astype(np.float32), axis=1)
        return lengths


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, named as a folder or as on the hub (BAAI/bge-small-zh-v1.5).

    Whether the model is there is settled before torch is imported, so a missing one fails at once
    with ModelMissing. Nothing is downloaded unless `allow_download`; the model's own prompts for
    queries and documents are used.
    """

    def __init__(self, model: str, *, allow_download: bool = False) -> None:
        self._model: Any
        self._model, folder = open_hub_model(
            "SentenceTransformer",
            model,
            allow_download=allow_download,
            called="embedding model",
            way_out="leave the setting empty for the shipped one",
        )
        self._model.float()  # in half precision a text without known words would give NaN, not zeros
        self._source, self._folder = model, folder

    @cached_property
    def name(self) -> str:
        """The model's name with a digest of its files."""
        folder = self._folder or find_model(self._source)
        label = Path(self._source).name or self._source
        if folder is None:
            return label
        files = {file for pattern in _DIGESTED for file in folder.rglob(pattern) if file.is_file()}
        return f"{label}@{_digest(sorted(files))}"

    @cached_property
    def dimensions(self) -> int:
        """Entries in a vector."""
        return len(self.embed_query("政策"))

    @cached_property
    def baseline(self) -> float:
        """Such models seldom go near zero: 0.2 to 0.8 for what is unrelated, by model."""
        questions = np.stack([self.embed_query(question) for question, _ in _UNRELATED])
        clauses = self.embed_documents([clause for _, clause in _UNRELATED])
        return float(np.clip((questions @ clauses.T).mean(), 0.0, 0.99))

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per clause, `(len(texts), dimensions)`."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return self._encode("encode_document", texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, `(dimensions,)`."""
        row: NDArray[np.float32] = self._encode("encode_query", [text])[0]
        return row

    def _encode(self, method: str, texts: Sequence[str]) -> NDArray[np.float32]:
        encode = getattr(self._model, method, self._model.encode)
        vectors = encode([_encodable(text) for text in texts], show_progress_bar=False)
        return _unit_rows(np.asarray(vectors, dtype=np.float32))


def open_embedder(name: str | None, *, allow_download: bool = False) -> Embedder:
    """The embedder that a setting names: none or "shipped" for the shipped one, else a model or folder.

    Raises ModelMissing, in under two seconds, where there is no such model; ModelBroken where it
    cannot be read.
    """
    if name is None or name.strip() in ("", "shipped"):
        return StaticEmbedder(SHIPPED)
    folder = Path(name.strip()).expanduser()
    if _is_static(folder):
        return StaticEmbedder(folder)
    return SentenceTransformerEmbedder(name.strip(), allow_download=allow_download)


def open_hub_model(
    kind: str, model: str, *, allow_download: bool, called: str, way_out: str
) -> tuple[Any, Path | None]:
    """A model of sentence-transformers (`kind` is its class there) and its folder, if it is on this machine.

    Whether it is there is settled before torch is imported: ModelMissing; ModelBroken where it cannot be
    opened. Both say in one line which model it is and end in the way out.
    """
    if not allow_download:
        os.environ["HF_HUB_OFFLINE"] = "1"
    folder = find_model(model)
    if folder is None and not allow_download:
        raise ModelMissing(
            f"the {called} {model!r} is neither a folder nor in the local model cache; "
            f"name its folder, allow downloads, or {way_out}"
        )
    import sentence_transformers

    try:
        opened = getattr(sentence_transformers, kind)(
            str(folder or model), device="cpu", local_files_only=not allow_download
        )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelBroken(
            f"the {called} {model!r} cannot be opened ({reason}); fetch it again, or {way_out}"
        ) from error
    return opened, folder


def find_model(name: str) -> Path | None:
    """The folder that holds a sentence-transformers model on this machine, if there is one."""
    folder = Path(name).expanduser()
    if any((folder / config).is_file() for config in _CONFIG_FILES):
        return folder
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    cache = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    # The hub's older models are known by their last name alone.
    for repository in (name, f"sentence-transformers/{name}"):
        for config in _CONFIG_FILES:
            try:
                found = try_to_load_from_cache(repository, config, cache_dir=cache)
            except HFValidationError:
                break
            if isinstance(found, str):
                return Path(found).parent
    return None


def _is_static(folder: Path) -> bool:
    """Whether a folder is in the layout that StaticEmbedder reads."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = tuple(str(module["type"]).rpartition(".")[2] for module in modules)
        paths = [str(module["path"]) for module in modules]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    return kinds == _STATIC_MODULES and paths[0] == ""


def _read_table(file: Path, folder: Path) -> NDArray[np.float16 | np.float32]:
    try:
        with safe_open(str(file), framework="numpy") as weights:
            table: NDArray[np.float16 | np.float32] = weights.get_tensor(WEIGHTS_KEY)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelBroken(f"{file} cannot be read ({error}); {_way_out(folder)}") from error
    if table.ndim != 2:
        raise ModelBroken(f"{file} holds no table of vectors; {_way_out(folder)}")
    return table


def _way_out(folder: Path) -> str:
    if folder == SHIPPED:
        return "restore it with `git checkout models/embedder`, or retrain it with `make train`"
    return "restore the folder, or leave the setting empty for the shipped embedder"


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:12]


def _encodable(text: str) -> str:
    """The text without lone surrogates, which a broken upload may hold and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit
