"""Reading the editable data files in corpus/, with errors that say where and what."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml

from ingest.errors import BrokenKnowledge

T = TypeVar("T")

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; raises BrokenKnowledge with file, line and fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenKnowledge(f"{path}：读不到数据文件（{error}）") from None
    try:
        data = yaml.load(text, Loader=_PARSER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第 {mark.line + 1} 行" if mark else ""
        raise BrokenKnowledge(
            f"{path}：{line}不是有效的 YAML（{getattr(error, 'problem', error)}）"
        ) from None
    if not isinstance(data, dict):
        raise BrokenKnowledge(f"{path}：应是“名称: 内容”的形式")
    return data


def place(path: Path, row: object) -> str:
    """Where a row of the file stands, looked up when there is something to say: corpus/thesaurus.yaml 第 62 行."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return str(path)
    found: list[int] = []
    if isinstance(row, str):
        found = [number for number, line in enumerate(text.splitlines(), start=1) if row in line][-1:]

    def look(loader: Any, node: yaml.MappingNode) -> Any:
        value = loader.construct_mapping(node, deep=True)
        if value == row:
            found.append(node.start_mark.line + 1)
        return value

    class Looking(yaml.SafeLoader):
        """Notes the lines of the mappings that are the row."""

    Looking.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, look)
    if not found:
        yaml.load(text, Loader=Looking)
    return f"{path} 第 {found[0]} 行" if found else str(path)


def require(row: Any, key: str, kind: type[T], path: Path) -> T:
    """`row[key]`, of the given type; raises BrokenKnowledge naming row and key otherwise."""
    value = row.get(key) if isinstance(row, dict) else None
    if not isinstance(value, kind):
        shown = row.get("id", row) if isinstance(row, dict) else row
        raise BrokenKnowledge(f"{place(path, row)}：{str(shown)[:60]} 缺少 {key}，或类型不对")
    return value


def only(row: Any, keys: frozenset[str], path: Path) -> None:
    """Raise BrokenKnowledge where a row has a key that nothing reads: a slip, or a comma inside {…}."""
    unknown = [str(key) for key in row if key not in keys] if isinstance(row, dict) else []
    if unknown:
        raise BrokenKnowledge(
            f"{place(path, row)}：不认识的内容“{unknown[0][:40]}”（花括号里的文字不要用半角逗号）"
        )


def strings(row: dict[str, Any], key: str, path: Path) -> tuple[str, ...]:
    """A list of words under `key`, empty where there is none."""
    value = row.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BrokenKnowledge(f"{place(path, row)}：{str(row.get('id', row))[:60]} 的 {key} 应是一列文字")
    return tuple(value)
