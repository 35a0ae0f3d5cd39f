"""Writes trees back as YAML that our own loader reads to the same values: short maps on one line, long ones in blocks."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from archcompile.spec import strict_yaml
from archcompile.spec.model import Block, Row, Spec, Step
from archcompile.spec.tree import EMPTY, Entry, Map, Scalar, Tree, plain

WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_$(./][A-Za-z0-9_ $()*/+.=<>-]*\Z")


def dump(values: dict[str, Any]) -> str:
    """A map as a YAML file."""
    return "".join(f"{scalar(key)}:{_nested(value, 0, len(key) + 2)}\n" for key, value in values.items())


def _nested(value: Any, indent: int, used: int) -> str:
    """What follows a colon: one line where it fits, else a block."""
    line = flow(value)
    if (
        not isinstance(value, dict | list)
        or not value
        or (used + indent + len(line) <= WIDTH and not _spread(value, indent))
    ):
        return " " + line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        return "".join(f"\n{pad}{scalar(k)}:{_nested(v, indent + 2, len(str(k)) + 2)}" for k, v in value.items())
    return "".join(f"\n{pad}- {_item(item, indent + 2)}" for item in value)


def _spread(value: Any, indent: int) -> bool:
    """Lists of steps, whatever holds one, and the top level's maps of maps read better a line each."""
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    if indent == 0 and len(value) > 1 and all(isinstance(item, dict) for item in value.values()):
        return True
    return any(isinstance(item, dict | list) and _spread(item, indent + 2) for item in value.values())


def _item(value: Any, indent: int) -> str:
    line = flow(value)
    if not isinstance(value, dict) or len(value) != 1:
        return line
    if indent + len(line) <= WIDTH:
        return line[1:-1]
    ((key, inner),) = value.items()
    return f"{scalar(key)}:{_nested(inner, indent + 2, WIDTH)}"


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """One value as YAML, quoted where it has to be."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return _text(str(value))


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    """Text as it stands where our own loader reads it so, else double-quoted."""
    if _PLAIN.match(value) and not value.endswith(" ") and plain(strict_yaml.parse(value, "")) == value:
        return value
    quoted = json.dumps(value, ensure_ascii=False)  # a JSON string is a YAML double-quoted string
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


# ---- the resolved spec -----------------------------------------------------------------------------------------------


def resolved(spec: Spec) -> str:
    """The spec as one self-contained file: parents and settings merged in, with just the blocks and rules it uses."""
    return dump({key: plain(tree) for key, tree in resolved_trees(spec).items()})


def resolved_trees(spec: Spec) -> dict[str, Tree]:
    """The keys of the resolved spec, in the order of the file; what no file says has no place (`tree.EMPTY`)."""
    rules = _rule_names(spec)
    blocks = _block_names(spec, rules)
    trees: dict[str, Tree] = {"archc": Scalar(1, EMPTY), "name": Scalar(spec.name, spec.name_at or EMPTY)}
    order = ("about", "vars", "input", "defaults", "blocks", "shortcuts", "stem", "stages", "shortcut", "head", "outputs",
             "train", "allow")  # fmt: skip
    found = {**dict(spec.tree.items()), "blocks": _sources(spec.blocks, blocks), "shortcuts": _sources(spec.rules, rules)}
    for key in order:
        if key in found and plain(found[key]) not in ({}, []):
            trees[key] = found[key]
    if spec.expect and not spec.sets:
        trees["expect"] = spec.expect
    return trees


def _sources(definitions: Mapping[str, Block], wanted: set[str]) -> Map:
    return Map({name: Entry(block.source, block.at) for name, block in definitions.items() if name in wanted}, EMPTY)


def _rule_names(spec: Spec) -> set[str]:
    trees: list[Tree | None] = [spec.tree.get("shortcut")]
    for row in _all_rows(spec):
        trees += [row.shortcut, *(edge.get("shortcut") for edge in (row.first, row.last) if edge)]
    for block in spec.blocks.values():
        trees += [step.attributes.get("rule") for step in _all_steps(block.body) if step.kind == "shortcut"]
    names: set[str] = set()
    for tree in trees:
        if tree is not None:
            names.update(tree.entries if isinstance(tree, Map) else [str(plain(tree))])
    return names & set(spec.rules)


def _block_names(spec: Spec, rules: set[str]) -> set[str]:
    todo = [part.content.block for part in spec.parts if isinstance(part.content, Row)]
    bodies = [part.content for part in spec.parts if isinstance(part.content, tuple)]
    bodies += [spec.rules[name].body for name in rules]
    todo += [step.row.block for body in bodies for step in _all_steps(body) if step.row]
    defaults = spec.tree.get("defaults")
    todo += [name for name in defaults.entries if name in spec.blocks] if isinstance(defaults, Map) else []
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [step.row.block for step in _all_steps(spec.blocks[name].body) if step.row]
    return found


def _all_rows(spec: Spec) -> Iterable[Row]:
    yield from (part.content for part in spec.parts if isinstance(part.content, Row))
    bodies: list[tuple[Step, ...]] = [part.content for part in spec.parts if isinstance(part.content, tuple)]
    bodies += [block.body for block in (*spec.blocks.values(), *spec.rules.values())]
    for body in bodies:
        yield from (step.row for step in _all_steps(body) if step.row)


def _all_steps(body: Iterable[Step]) -> Iterable[Step]:
    for step in body:
        yield step
        for branch in (step.branches or {}).values():
            yield from _all_steps(branch)
