"""Writes `docs/blocks.md`: the blocks and shortcut rules that ship, with their arguments.

`python docs/generate.py` calls it; a test fails where the page is stale.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archcompile.shipped import shipped_files
from archcompile.spec.language import SHELVES
from archcompile.spec.loading.vocabulary import TYPES
from archcompile.spec.yaml import Entry, Map, flow, parse, plain, read_text, submap

PAGE = Path(__file__).with_name("blocks.md")
HEAD = """\
# Blocks

The blocks and shortcut rules that ship, generated from `specs/blocks/` by `python docs/generate.py`: do not edit.
`uses: [blocks/NAME.yaml]` brings in a library, and with most the rules of `shortcuts`; a row or a step gives the arguments
([language.md](language.md), sections 4 and 5). A default that is an expression is worked out where the block stands.
"""  # noqa: E501 - a text


def page() -> str:
    """The page as text."""
    parts = [HEAD]
    for path in sorted(shipped_files("library").values()):
        tree = parse(read_text(path), path.name)
        assert isinstance(tree, Map)
        parts.append(f"\n## {path.stem}\n\n{_about(tree)}\n")
        for shelf in SHELVES:
            what = "rule " if shelf == "shortcuts" else ""
            for name, form in submap(tree, shelf).items():
                parts += [f"\n### {what}`{name}`\n\n", *_definition(form)]
    return "".join(parts)


def _about(form: Map) -> str:
    return " ".join(str(plain(form["about"])).split())


def _definition(form: Any) -> Iterator[str]:
    """What a block or rule is, and a row for each of its arguments."""
    yield f"{_about(form).rstrip('.')}.\n"
    arguments = submap(form, "args").entries
    if arguments:
        yield "\n| argument | value | default | meaning |\n|---|---|---|---|\n"
    for name, entry in arguments.items():
        yield f"| `{name}` | {_value(entry)} | {_default(entry)} | {_meaning(name, entry)} |\n"


def _value(entry: Entry) -> str:
    value = plain(entry.value)
    if isinstance(value, dict):
        return ", ".join(f"`{word}`" for word in value["one_of"])
    if value in TYPES:
        return f"`{value}`"
    is_expression = isinstance(value, str) and value.startswith("$")
    return "any" if is_expression or isinstance(value, list) else f"`{type(value).__name__}`"


def _default(entry: Entry) -> str:
    value = plain(entry.value)
    if isinstance(value, dict):
        return f"`{value['one_of'][0]}`"
    return "required" if value in TYPES else f"`{flow(value)}`"


def _meaning(name: str, entry: Entry) -> str:
    """The comment behind an argument that stands in a line of its own."""
    written, _, words = entry.at.text.strip().partition(" # ")
    return words.strip() if written.startswith(f"{name}:") else ""
