"""The arrows of the design, kept by a test: who may import what, and what never changes."""

from __future__ import annotations

import ast
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
POLICY_SHA256 = "c1ff82497e9e3f73cb778613d72bab9ab0b1f43c254615d070ebbc902814a0f3"

# What each part may import of the others. app and evals → rag → ingest, never back.
ARROWS = {
    "ingest": {"ingest"},
    "rag": {"ingest", "rag"},
    "evals": {"ingest", "rag", "evals"},
    "app": {"ingest", "rag", "app"},
}
OWN = set(ARROWS)

# Reading documents is over when questions come: of ingest, rag sees its values, its text handling,
# its knowledge and its stores. The library is for the one place where parts are put together.
RAG_MAY_IMPORT = {
    "types", "settings", "errors", "text", "tokens", "chinese_numbers", "references", "article_references",
    "departments", "corrections", "knowledge", "alignment", "currency", "embedder", "validity", "chat", "prompts", "token_count",
    "stores.asked", "stores.catalogue", "stores.dense", "stores.lexical", "stores.generations",
}  # fmt: skip
_ADMIN = {"rag/web/admin.py", "rag/web/admin_html.py"}
ONLY_THERE = {
    "resources": {"rag/build.py"},
    "unanswered": {"rag/build.py", "rag/web/admin.py"},
    "commandline": {"rag/cli.py"},
    "intake": _ADMIN,
    "library": _ADMIN,
}
NEVER = {"parse", "duties", "loaders", "sources", "metadata", "numbering", "passages"}

# Each outside system is known to one file.
SYSTEMS = {
    "chromadb": {"ingest/stores/dense.py"},
    "tantivy": {"ingest/stores/lexical.py", "ingest/english.py"},
    "sqlalchemy": {"ingest/stores/catalogue.py"},
    "sqlite3": {"rag/web/feedback.py"},
    "jieba": {"ingest/tokens.py"},
    "sentence_transformers": {"ingest/embedder.py"},
    "pypinyin": {"rag/spelling.py"},
    "torch": set[str](),
    "gradio": {"app.py", *(f"rag/web/{file.name}" for file in (ROOT / "rag" / "web").glob("*.py"))},
    "langchain": {"ingest/chat.py"},
    "tiktoken": {"ingest/token_count.py"},
    "langchain_core": {"ingest/chat.py", "rag/langchain_retriever.py"},
    "openpyxl": {"ingest/question_sheets.py", "rag/who_is_who.py"},
    "filelock": {"ingest/stores/generations.py"},
    "bcrypt": {"rag/web/accounts.py"},
}


def sources() -> list[Path]:
    files = [
        ROOT / "app.py",
        *(p for part in ("ingest", "rag", "evals") for p in (ROOT / part).rglob("*.py")),
    ]
    return sorted(files)


def imports(file: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in it, types included."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            assert node.module
            # `from ingest.stores import dense` names a module as well.
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                yield below if (ROOT / f"{below.replace('.', '/')}.py").is_file() else node.module


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


IMPORTS = [(name_of(file), name) for file in sources() for name in set(imports(file))]


def test_there_is_something_to_check() -> None:
    assert len(IMPORTS) > 200
    assert ("ingest/library.py", "ingest.parse") in IMPORTS


def test_parts_import_along_the_arrows_only() -> None:
    wrong = [
        f"{file} imports {name}"
        for file, name in IMPORTS
        if (top := name.split(".")[0]) in OWN and top not in ARROWS[file.split("/")[0].removesuffix(".py")]
    ]
    assert wrong == []


def test_rag_sees_of_ingest_what_answering_needs() -> None:
    wrong = []
    for file, name in IMPORTS:
        if not file.startswith("rag/") or not name.startswith("ingest."):
            continue
        below = name.removeprefix("ingest.")
        if below not in RAG_MAY_IMPORT and file not in ONLY_THERE.get(below, ()):
            wrong.append(f"{file} imports {name}")
    assert wrong == []


def test_nothing_is_parsed_at_question_time() -> None:
    wrong = [
        f"{file} imports {name}"
        for file, name in IMPORTS
        if file.startswith(("rag/", "evals/", "app"))
        and name.startswith("ingest.")
        and name.split(".")[1] in NEVER
    ]
    assert wrong == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_outside_system_is_known_to_one_file(system: str) -> None:
    assert {file for file, name in IMPORTS if name.split(".")[0] == system} <= SYSTEMS[system]


def test_only_the_program_knows_the_page() -> None:
    web = {file for file, name in IMPORTS if name.startswith("rag.web")}
    assert {file for file in web if not file.startswith("rag/web/")} <= {"app.py", "rag/cli.py"}


def test_starting_to_answer_loads_no_heavy_library() -> None:
    """torch alone takes seconds; Chroma and Gradio load when something needs them."""
    import sys

    code = (
        "import sys, ingest.cli, rag.cli\n"
        "print([m for m in ('torch', 'sentence_transformers', 'chromadb', 'gradio', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_policy_is_as_published() -> None:
    content = (ROOT / "corpus" / "gansu-etdz-2015.txt").read_bytes()
    assert hashlib.sha256(content).hexdigest() == POLICY_SHA256


def repository_files() -> list[Path]:
    """All files that a checkout holds or would hold: tracked, and new ones that git does not ignore."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode("utf-8")  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_path_of_some_machine() -> None:
    places = [b"/" + name + b"/" for name in (b"work", b"home", b"Users")] + [b"/opt/" + b"wheels"]
    named = []
    for file in repository_files():
        content = file.read_bytes()
        if b"\0" in content[:8000]:
            continue
        # Not part of a longer path or address: docs/work/x, example.org/home/.
        for place in places:
            at = content.find(place)
            while at != -1:
                if not content[at - 1 : at].isalnum() and content[at - 1 : at] not in (
                    b"/",
                    b".",
                    b"}",
                    b"-",
                    b"_",
                ):
                    named.append(f"{name_of(file)}: {content[max(0, at - 20) : at + 30]!r}")
                at = content.find(place, at + 1)
    assert named == []
