"""The definitions of `torch_layers` that a printed module takes along, as text."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LAYERS_FILE = "torch_layers.py"


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


def definition_names() -> frozenset[str]:
    return frozenset(_definitions()[0])


@cache
def _definitions() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The text of each definition, and the names of the others that it uses."""
    text = Path(__file__).with_name(LAYERS_FILE).read_text(encoding="utf-8")
    nodes = [
        node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    lines = text.splitlines()
    texts = {node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in nodes}
    uses: dict[str, list[str]] = {}
    for node in nodes:
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        uses[node.name] = [name for name in texts if name in names]
    return texts, uses
