"""The claims of a spec file: what holds, whether that is what is written, and how to write it.

A file is changed value by value, so that all else in it, comments included, stays byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from archcompile.analyses import check_claims, figures
from archcompile.api import compile_text
from archcompile.errors import ArchError, Diagnostic, SpecError, UsageError
from archcompile.graph import LayerGraph, lower
from archcompile.outputs import save
from archcompile.shipped import is_path
from archcompile.spec.check import has_expression
from archcompile.spec.expansion import expand
from archcompile.spec.language import find_spec, shown_path
from archcompile.spec.loading import load
from archcompile.spec.yaml import Map, Tree, expect_map, flow, parse, plain, read_text, submap


@dataclass(frozen=True, slots=True)
class Claims:
    """What a spec could claim, and the mistakes in what it does claim."""

    actual: Mapping[str, Any]
    problems: tuple[Diagnostic, ...]


def measure(graph: LayerGraph, written: Map | None = None) -> dict[str, Any]:
    """Every claim that holds of a network; of attention where it has any, or `written` has one."""
    actual = {key: value() for key, value in figures(graph).items()}
    if not actual["attention_macs"] and not (written and "attention_macs" in written):
        del actual["attention_macs"]
    return actual


def review(name: str) -> Claims:
    """The claims of a spec beside what holds. Raises UsageError, SpecError for a wrong spec."""
    graph, written, variables = _compile(name)
    try:
        if written:
            check_claims(graph, written, variables, changed=False)
    except SpecError as error:
        return Claims(measure(graph, written), error.diagnostics)
    return Claims(measure(graph, written), ())


def _compile(name: str) -> tuple[LayerGraph, Map | None, Mapping[str, Any]]:
    spec = load(name)
    expanded = expand(spec)
    return lower(expanded), spec.expect, expanded.variables


def write(name: str) -> list[str]:
    """Writes the claims that hold into the file; returns the changes. Expressions must hold.

    Raises UsageError where `name` is no file, SpecError where the spec or one of its expressions is
    wrong, ArchError where the file is written in a way that cannot be changed in place, DataError
    where it cannot be written.
    """
    if name == "-" or not is_path(name):
        raise UsageError(
            f"--write: expected a file, got '{name}'",
            hint="name the file, with `/` or `.yaml`",
        )
    path = find_spec(name)
    text = read_text(path)
    graph, written, _ = _compile(name)
    values, changes = _values_to_write(graph, written)
    new = fill(text, values)
    _check_same(text, new, path)
    compile_text(new, file=str(path))
    if new != text:
        save(path.resolve(), new, over_specs=True)
    return changes


def _values_to_write(
    graph: LayerGraph, written: Map | None
) -> tuple[dict[tuple[str, ...], Any], list[str]]:
    """The values to be written, by path in `expect`, and what that changes."""
    points = {**graph.parts, **graph.outputs}
    actual = measure(graph, written)
    values: dict[tuple[str, ...], Any] = {(key,): value for key, value in actual.items()}
    for name in submap(written, "shapes").entries if written else ():
        if name in points:
            values["shapes", name] = list(graph.nodes[points[name]].shape)
    changes = []
    for path, value in list(values.items()):
        old = _claim_at(written, path)
        if old is None:
            changes.append(f"{'.'.join(path)}: {flow(value)}")
        elif has_expression(old) or (plain(old) == value and not isinstance(plain(old), bool)):
            del values[path]
        else:
            changes.append(f"{'.'.join(path)}: {flow(value)} instead of {flow(plain(old))}")
    return values, changes


def _claim_at(tree: Tree | None, path: tuple[str, ...]) -> Tree | None:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Map) else None
    return tree


def _check_same(old: str, new: str, path: Path) -> None:
    """Raises ArchError unless the texts say the same but for their claims."""
    trees = [
        expect_map(parse(text, shown_path(path)), "a spec").without("expect") for text in (old, new)
    ]
    if plain(trees[0]) != plain(trees[1]):
        raise ArchError(
            f"the claims cannot be added to {shown_path(path)} as it is written",
            hint="write `expect: {}` on a separate line there, then run this again",
        )


# ---- the text ------------------------------------------------------------------------------------


def fill(text: str, values: Mapping[tuple[str, ...], Any]) -> str:
    """The text of a spec with these values in its `expect`; missing paths are added at the end."""
    # marks of the pure loader are offsets in the text
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    entry = _entry(root, "expect")
    if not values:
        return text
    if entry is None or not isinstance(entry[1], yaml.MappingNode):
        value = "{" + ", ".join(f"{path[0]}: {flow(v)}" for path, v in values.items()) + "}"
        edit = (
            _replace(text, entry[1], value) if entry else _insert(text, root, [f"expect: {value}"])
        )
        return _apply(text, [edit])
    expect = entry[1]
    edits, added = [], []
    for path, value in values.items():
        claim = _entry(expect, path[0])
        if claim and len(path) > 1:
            claim = _entry(claim[1], path[1])
        if claim:
            edits.append(_replace(text, claim[1], flow(value)))
        else:
            added.append(f"{path[0]}: {flow(value)}")
    if added:
        edits.append(_insert(text, expect, added))
    return _apply(text, edits)


Edit = tuple[int, int, str]  # from, to, what stands there then


def _apply(text: str, edits: list[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _entry(node: Any, key: str) -> tuple[Any, Any] | None:
    return next(((k, v) for k, v in node.value if k.value == key), None)


def _end(node: Any) -> int:
    """Where the last text of a node ends; the end mark of a block lies behind what follows it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _replace(text: str, node: Any, value: str) -> Edit:
    start, end = node.start_mark.index, _end(node)
    return start, end, value if start == end == 0 or text[start - 1].isspace() else f" {value}"


def _insert(text: str, node: Any, lines: list[str]) -> Edit:
    """Further `key: value`s at the end of a map."""
    if node.flow_style:
        at = _end(node.value[-1][1]) if node.value else node.start_mark.index + 1
        return at, at, (", " if node.value else "") + ", ".join(lines)
    newline = "\r\n" if "\r\n" in text else "\n"
    end = _end(node)
    at = end if text[end - 1] == "\n" else text.find("\n", end) + 1 or len(text)
    indent = " " * node.value[0][0].start_mark.column
    block = "".join(f"{indent}{line}{newline}" for line in lines)
    return at, at, block if text[at - 1] == "\n" else newline + block
