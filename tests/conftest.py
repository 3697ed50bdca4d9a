"""What all tests share: golden files, settings of Hypothesis, and no settings from outside."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import shipped_index

GOLDEN = Path(__file__).parent / "golden"

# The same examples on every run and no time limits: a busy machine must not fail a test. To look for
# new examples: HYPOTHESIS_PROFILE=explore python -m pytest tests/ingest
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-golden",
        action="store_true",
        help="write tests/golden anew from what the program does now; read the difference before keeping it",
    )


@pytest.fixture(scope="session", autouse=True)
def _own_settings() -> Iterator[None]:
    """Settings of whoever runs the tests play no part."""
    set_aside = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("POLICYQA_")}
    yield
    os.environ.update(set_aside)


@pytest.fixture(scope="session", autouse=True)
def _shared_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The shipped index is built once for all workers (tests/shipped_index.py)."""
    own = tmp_path_factory.getbasetemp()
    shipped_index.root = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def regenerating(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are being written instead of compared."""
    return bool(request.config.getoption("--regenerate-golden"))


@pytest.fixture(scope="session")
def check_golden(regenerating: bool) -> Callable[[str, str], None]:
    """check_golden("parsed/x.json", text): text equals the golden file, or becomes it."""

    def check(name: str, text: str) -> None:
        file = GOLDEN / name
        if regenerating:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        assert file.is_file(), f"{file} is missing: run with --regenerate-golden and read what it wrote"
        assert text == file.read_bytes().decode("utf-8")

    return check
