"""Prompt texts from prompts/: one file each, with a version and its variables in the head."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import yaml

from ingest.errors import BrokenKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt with the variables it needs."""

    name: str
    version: int
    variables: tuple[str, ...]
    text: str

    def fill(self, **values: str) -> str:
        """The prompt with its variables; a missing one is named in the error."""
        missing = [name for name in self.variables if name not in values]
        if missing:
            raise BrokenKnowledge(f"提示词 {self.name} 缺少变量 {'、'.join(missing)}")
        return self.text.format(**{name: values[name] for name in self.variables})


def load_prompt(folder: Path, name: str) -> Prompt:
    """Read prompts/<name>.md; raises BrokenKnowledge where head and text disagree."""
    path = folder / f"{name}.md"
    try:
        _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = yaml.safe_load(head)
        used = {field for _, field, _, _ in Formatter().parse(text) if field}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BrokenKnowledge(f"{path}：读不到提示词（{error}）") from None
    variables = tuple(str(name) for name in fields.get("variables") or ())
    if used != set(variables):
        raise BrokenKnowledge(
            f"{path}：文中的变量与 variables 不一致：{'、'.join(sorted(used ^ set(variables)))}"
        )
    return Prompt(name=name, version=int(fields.get("version", 0)), variables=variables, text=text.strip())
