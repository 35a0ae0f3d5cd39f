"""A resolved file with the place each value came from: file and line, or `--set`."""

from collections.abc import Iterator, Mapping
from typing import Any

from archcompile.errors import Location
from archcompile.spec.yaml import EMPTY, WIDTH, Map, Scalar, Tree, flow, plain, scalar

COLUMN = 72  # places stand no further to the right than this, unless their line is longer

Line = tuple[str, str]  # text, where its values come from ("" where it only opens what follows)


def blame(trees: Mapping[str, Tree]) -> str:
    """The keys of a file as YAML, each value with its origin in a comment; defaults have none."""
    lines = blame_lines(trees)
    column = min(COLUMN, max(len(text) for text, _ in lines)) + 2
    return "".join(_line(text, origin, column) for text, origin in lines)


def blame_lines(trees: Mapping[str, Tree]) -> list[Line]:
    """The lines of a file, each with the place that its values came from."""
    lines: list[Line] = []
    for key, tree in trees.items():
        lines += [("archc: 1", "")] if key == "archc" else _value_lines(f"{scalar(key)}:", tree, "")
    return lines


def _line(text: str, origin: str, column: int) -> str:
    """A line of YAML with the comment of its origin from `column` on, or two spaces behind it."""
    if not origin:
        return f"{text}\n"
    gap = "  " if text[column - 2 :] else ""
    return f"{text:{column}}{gap}# {origin}\n"


def origins(trees: Mapping[str, Tree]) -> list[dict[str, Any]]:
    """Every value of a file: `{path, value, from, file, line, column}`; a default has no place."""
    values = []
    for key, tree in trees.items():
        for path, leaf in _leaves(tree, (key,)) if key != "archc" else ():
            at = leaf.at if leaf.at.file else None
            values.append(
                {
                    "path": list(path),
                    "value": plain(leaf),
                    "from": origin(leaf.at),
                    "file": at and at.file,
                    "line": at and at.line,
                    "column": at and at.column,
                }
            )
    return values


def origin(at: Location) -> str:
    """`specs/x.yaml:7`, `--set depth=32`, or what stands where nothing was written."""
    if at == EMPTY:
        return "default"
    return f"--set {at.text}" if at.file.startswith("--set ") else f"{at.file}:{at.line}"


def _leaves(
    tree: Tree, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Tree]]:
    """Values that hold no others (empty maps and lists too), with their paths."""
    if isinstance(tree, Scalar) or not (tree.entries if isinstance(tree, Map) else tree.items):
        yield path, tree
        return
    parts = tree.items() if isinstance(tree, Map) else enumerate(tree)
    for key, value in parts:
        yield from _leaves(value, (*path, key))


def _value_lines(head: str, tree: Tree, pad: str) -> Iterator[Line]:
    """A value behind `head`: one line where it all comes from one place, else a line a part."""
    places = {origin(leaf.at) for _, leaf in _leaves(tree, ())}
    line = f"{head} {flow(plain(tree))}"
    if isinstance(tree, Scalar) or (len(places) == 1 and len(line) <= WIDTH):
        yield line, next(iter(places))
        return
    yield head, ""
    if isinstance(tree, Map):
        for key, value in tree.items():
            yield from _value_lines(f"{pad}  {scalar(key)}:", value, f"{pad}  ")
        return
    for item in tree:
        if isinstance(item, Map) and len(item.entries) == 1:
            ((kind, entry),) = item.entries.items()
            yield from _value_lines(f"{pad}  - {scalar(kind)}:", entry.value, f"{pad}    ")
        elif isinstance(item, Scalar):
            yield from _value_lines(f"{pad}  -", item, f"{pad}  ")
        else:
            yield (
                f"{pad}  - {flow(plain(item))}",
                ", ".join(dict.fromkeys(origin(leaf.at) for _, leaf in _leaves(item, ()))),
            )
