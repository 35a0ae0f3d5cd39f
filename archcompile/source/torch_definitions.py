"""The definitions that a printed module takes along, as text."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

FILES = ("torch_layers.py", "torch_layouts.py")


def definitions_for(paths: Iterable[str]) -> list[str]:
    """The text of each definition that is named, and of those that they use, in order."""
    texts, uses = _definitions()
    needed: set[str] = set()
    queue = [path for path in paths if path in texts]
    while queue:
        name = queue.pop()
        if name not in needed:
            needed.add(name)
            queue += uses[name]
    return [text for name, text in texts.items() if name in needed]


def definition_texts() -> Mapping[str, str]:
    """The text of every definition, by name."""
    return _definitions()[0]


@cache
def _definitions() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The text of each definition, and the names of the others that it uses."""
    texts: dict[str, str] = {}
    names: dict[str, set[str]] = {}
    for file in FILES:
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                texts[node.name] = "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
                names[node.name] = {
                    each.id for each in ast.walk(node) if isinstance(each, ast.Name)
                }
    return texts, {name: sorted(used & texts.keys()) for name, used in names.items()}
