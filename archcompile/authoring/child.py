"""`archc new`: the smallest spec that makes of its parent what `--set` makes of it."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archcompile.authoring.claims import measure
from archcompile.errors import UsageError
from archcompile.graph import LayerGraph, lower, semantic_hash
from archcompile.outputs import save
from archcompile.shipped import SUFFIXES, shipped_folder, shipped_specs
from archcompile.spec.expansion import expand
from archcompile.spec.language import FILE_NAME, Spec, find_spec
from archcompile.spec.loading import STEM, from_text, load
from archcompile.spec.yaml import CHOICES, Map, Tree, dump, flow, plain

SCHEMA = Path("schema") / "spec.schema.json"  # in the folder of shipped specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A new spec file: its text, its network, and that of its parent."""

    file: Path
    text: str
    graph: LayerGraph
    parent: LayerGraph


def new(name: str, parent: str, sets: Sequence[str] = (), *, file: Path | None = None) -> Child:
    """Write the spec `name` into `file` (NAME.yaml here), a child of `parent` with `sets`.

    Raises UsageError (no name for a file, a file that already exists), SpecError, DataError.
    """
    if parent == "-":
        raise UsageError("a child names its parent's file, so the parent cannot come from stdin")
    file = choose_file(name, file)
    old, changed = load(parent), load(parent, sets)
    values = _heading(name, parent, sets, file=file) | _changes(old, changed)
    graph = _graph(from_text(dump(values), str(file)))
    if semantic_hash(graph) != semantic_hash(_graph(changed)):
        raise RuntimeError(
            f"the child of {parent} with {', '.join(sets)} differs from its parent with the same "
            "settings"
        )
    text = schema_line(file) + dump({**values, "expect": measure(graph)})
    save(file, text)
    return Child(file=file, text=text, graph=graph, parent=_graph(old))


def choose_file(name: str, file: Path | None = None) -> Path:
    """Where the new spec `name` goes: into `file`, or NAME.yaml in this folder.

    Raises UsageError (no name for a file, a file that already exists).
    """
    if not re.fullmatch(FILE_NAME, name) or name.endswith(SUFFIXES):
        raise UsageError(
            f"'{name}' is not a valid name for a spec",
            hint="letters, digits, `_`, `.`, `+` and `-`; no suffix",
        )
    file = file or Path(f"{name}.yaml")
    if file.suffix != ".yaml":
        raise UsageError(
            f"{file} does not end in .yaml", hint="specs find each other by that suffix"
        )
    if os.path.lexists(file):
        raise UsageError(f"{file} already exists", hint="choose another name, or -o another file")
    return file


def _graph(spec: Spec) -> LayerGraph:
    return lower(expand(spec))


def _heading(name: str, parent: str, sets: Sequence[str], *, file: Path) -> dict[str, Any]:
    named = {} if file.stem == name else {"name": name}
    extends = _extends(parent, file)
    changes = f" with {', '.join(sets)}" if sets else ", unchanged"
    about = f"{Path(extends).stem}{changes}"
    return {"archc": 1, **named, "about": about, "extends": extends}


def _extends(parent: str, file: Path) -> str:
    """How the new file names its parent: a shipped name, or the way from one file to the other."""
    path = find_spec(parent).resolve()
    bare = next(
        (name for name, shipped in shipped_specs().items() if shipped.resolve() == path), None
    )
    way = Path(os.path.relpath(path, file.parent.resolve())).as_posix()
    return bare if bare and (way.startswith("..") or parent == bare) else way


def schema_line(file: Path) -> str:
    """The comment that names the schema for editors; nothing outside of a checkout.

    There the schema lies at a place of this machine, which is no business of anyone else's.
    """
    schema = shipped_folder().resolve() / SCHEMA
    folder = file.parent.resolve()
    if not folder.is_relative_to(shipped_folder().resolve().parent):
        return ""
    return f"# yaml-language-server: $schema={Path(os.path.relpath(schema, folder)).as_posix()}\n"


def _changes(old: Spec, new: Spec) -> dict[str, Any]:
    """What a child has to say to become `new`: keys to remove, and values to merge."""
    removed: list[str] = []
    values = _difference(old.tree.without("about"), new.tree.without("about"), [], removed=removed)
    return {**({"remove": removed} if removed else {}), **values}


def _difference(old: Map, new: Map, path: list[str], *, removed: list[str]) -> dict[str, Any]:
    """The keys to merge into `old`, a map at `path`; adds those to be removed to `removed`."""
    removed += [".".join([*path, key]) for key in old.entries if key not in new]
    changes: dict[str, Any] = {}
    for key, value in new.items():
        before = old.get(key)
        if before is not None and _is_same(before, value):
            continue
        if isinstance(before, Map) and isinstance(value, Map) and _is_merged(key, before, value):
            inner = _difference(before, value, [*path, key], removed=removed)
            if key == "stages" and not path:
                inner |= _places(list(before.entries), list(value.entries), inner)
            if inner:
                changes[key] = inner
        else:
            changes[key] = plain(value)
    return changes


def _places(old: Sequence[str], new: Sequence[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The stages that have to say where they go, with what else they say."""
    staying = _longest_in_order([old.index(name) for name in new if name in old])
    # what is new behind it needs no place
    last = max((place for place, name in enumerate(new) if name in old), default=-1)
    placed: dict[str, Any] = {}
    for place, name in enumerate(new[: last + 1]):
        if name not in old or old.index(name) not in staying:
            says = changes.get(name, {})
            before = new[place - 1] if place else STEM
            placed[name] = {
                "after": before,
                **({"steps": says} if isinstance(says, list) else says),
            }
    return placed


def _longest_in_order(numbers: Sequence[int]) -> set[int]:
    """The most of the numbers, all different, that ascend."""
    best: list[tuple[int, ...]] = [()]  # the longest ascents that end in each
    for number in numbers:
        before = [ascent for ascent in best if not ascent or ascent[-1] < number]
        best.append((*max(before, key=len), number))
    longest = max(best, key=len)
    return set(longest)


def _is_same(old: Tree, new: Tree) -> bool:
    return flow(plain(old)) == flow(plain(new))  # text, since 1 == True == 1.0


def _is_merged(key: str, old: Map, new: Map) -> bool:
    """Whether a child's map is merged with its parent's (`spec.yaml`)."""
    return key not in CHOICES or list(old.entries) == list(new.entries)
