"""From a file to a Spec: follows `extends` and `uses`, merges, applies `--set`, and checks all that needs no values."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archcompile.errors import Location, UsageError, did_you_mean
from archcompile.ops import REGISTRY
from archcompile.spec import strict_yaml
from archcompile.spec.expr import ExpressionError, is_expression
from archcompile.spec.expr import parse as parse_expression
from archcompile.spec.files import Reach, find_spec, shown_path
from archcompile.spec.model import NAME, NOT_INHERITED, RECIPE_KEYS, Block, File, Library, Part, Row, Spec, SpecFile
from archcompile.spec.paths import change, merge, relocate, remover, setter
from archcompile.spec.read import build
from archcompile.spec.steps import RESERVED, Problems, Words, check_attributes, facts_of, read_block, read_stage, read_steps
from archcompile.spec.tree import Entry, Map, Scalar, Seq, Tree, empty_map, expect_map, expect_text, fail, kind_of, plain

SHELVES = ("blocks", "shortcuts")


def load(spec: str | Path, sets: Sequence[str] = ()) -> Spec:
    """The spec that a file, a shipped name or `-` (stdin) means, with `K=V` settings applied.

    Raises UsageError (not found, not a setting), SpecError (all mistakes that need no values).
    """
    if str(spec) == "-":
        return _finish(_Loader(Reach.of(Path("stdin"))).read_text(sys.stdin.read(), Path("stdin")), "stdin", sets)
    path = find_spec(str(spec))
    return _finish(_Loader(Reach.of(path)).read(path), path.stem, sets)


def from_text(text: str, file: str = "spec.yaml", sets: Sequence[str] = ()) -> Spec:
    """A spec given as text; `extends` and `uses` reach what ships with archc."""
    path = Path(file)
    return _finish(_Loader(Reach.of(path)).read_text(text, path), path.stem, sets)


@dataclass(slots=True)
class _Shelf:
    """Blocks and rules as written, by kind and name, with the file that brought them."""

    found: dict[tuple[str, str], Entry] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)

    def put(self, shelf: str, name: str, entry: Entry) -> None:
        if (shelf, name) in self.found:
            raise fail("defined-twice", f"'{name}' is defined twice", entry.at, "choose another name",
                       (("first here", self.found[shelf, name].at),))  # fmt: skip
        self.found[shelf, name] = entry


@dataclass(slots=True)
class _Read:
    """A spec file with its parents merged in."""

    tree: Map
    name: str | None
    about: Entry | None
    expect: Map | None
    shelf: _Shelf
    file: str


class _Loader:
    def __init__(self, reach: Reach):
        self.reach = reach
        self.shelf = _Shelf()

    def read(self, path: Path, children: tuple[Path, ...] = (), at: Location | None = None) -> _Read:
        if path.resolve() in children and at:
            raise fail("cycle", f"'{shown_path(path)}' extends itself", at)
        return self.read_text(strict_yaml.read_text(path), path, children)

    def read_text(self, text: str, path: Path, children: tuple[Path, ...] = ()) -> _Read:
        tree = _parse(text, path, SpecFile)
        base = empty_map(tree.at)
        if "extends" in tree:
            parent = tree["extends"]
            target = self.reach.follow(expect_text(parent, "`extends`"), path, parent.at)
            base = self.read(target, (*children, path.resolve()), parent.at).tree
        for item in _items(tree, "remove"):
            dotted = expect_text(item, "each path in `remove`").split(".")
            base = expect_map(change(base, dotted, item.at, remover(item.at)), "a spec")
        for item in _items(tree, "uses"):
            self.library(self.reach.follow(expect_text(item, "each file in `uses`"), path, item.at, "blocks"))
        merged = expect_map(merge(base, tree.without(*NOT_INHERITED)), "a spec")
        name = plain(tree["name"]) if "name" in tree else None
        expect = tree.get("expect")
        return _Read(Map(merged.entries, tree.at), name, tree.entries.get("about"),
                     expect if isinstance(expect, Map) else None, self.shelf, shown_path(path))  # fmt: skip

    def library(self, path: Path) -> None:
        if path.resolve() in self.shelf.files:
            return
        self.shelf.files.add(path.resolve())
        tree = _parse(strict_yaml.read_text(path), path, Library)
        for item in _items(tree, "uses"):
            self.library(self.reach.follow(expect_text(item, "each file in `uses`"), path, item.at, "blocks"))
        for shelf in SHELVES:
            for name, entry in _entries(tree, shelf):
                self.shelf.put(shelf, name, entry)


def _parse(text: str, path: Path, model: type[File]) -> Map:
    """One file, its keys checked and its expressions parsed."""
    file = shown_path(path)
    tree = expect_map(strict_yaml.parse(text, file), "a spec")
    problems = Problems()
    problems.attempt(lambda: _version(tree))
    problems.raise_any()
    problems.attempt(lambda: build(model, tree, "a library" if model is Library else "a spec"))
    for key, entry in tree.entries.items():
        if key not in ("about", "name"):
            _check_expressions(entry.value, problems)
    problems.raise_any()
    return tree


def _version(tree: Map) -> None:
    value = tree.get("archc")
    if value is None:
        raise fail("version", "a spec begins with the version of its language", tree.at, "write `archc: 1` as its first line")
    if not (isinstance(value, Scalar) and value.value == 1 and value.value is not True):
        raise fail("version", f"this archc knows version 1 of the language, not {kind_of(value)}", value.at,
                   "write `archc: 1`, or use the archc that the spec was written for")  # fmt: skip


def _check_expressions(tree: Tree, problems: Problems) -> None:
    match tree:
        case Scalar(str() as value, at) if is_expression(value):
            try:
                parse_expression(value)
            except ExpressionError as error:
                problems.found.extend(fail(error.code, error.message, at, error.hint).diagnostics)
        case Seq(items):
            for item in items:
                _check_expressions(item, problems)
        case Map(entries):
            for key, entry in entries.items():
                if is_expression(key):
                    problems.found.extend(fail("bad-expression", f"a key cannot be an expression: '{key}'", entry.at).diagnostics)
                if key != "about":
                    _check_expressions(entry.value, problems)


def _items(tree: Map, key: str) -> Iterable[Tree]:
    value = tree.get(key)
    return value.items if isinstance(value, Seq) else ()


def _entries(tree: Map, key: str) -> Iterable[tuple[str, Entry]]:
    value = tree.get(key)
    return value.entries.items() if isinstance(value, Map) else ()


# ---- settings --------------------------------------------------------------------------------------------------------


def split_sets(sets: Sequence[str]) -> tuple[list[str], list[str]]:
    """(settings of the spec, settings of the recipe): `train.*` and `data.*` belong to the recipe."""
    recipe = [s for s in sets if s.split("=")[0].split(".")[0] in RECIPE_KEYS and "." in s.split("=")[0]]
    return [s for s in sets if s not in recipe], recipe


def read_setting(text: str) -> tuple[list[str], Tree, Location]:
    """`K=V` as (path, value, place); V is one YAML value. Raises UsageError, SpecError."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"--set takes NAME=VALUE, got '{text}'")
    padded = " " * (len(key) + 1) + value
    tree = strict_yaml.parse(padded, f"--set {key}") if value.strip() else Scalar(None, Location(f"--set {key}", 1, len(key) + 1))
    return key.split("."), relocate(tree, text), Location(f"--set {key}", 1, 1, len(key), text)


def _apply(tree: Map, text: str) -> Map:
    path, value, at = read_setting(text)
    variables = expect_map(tree["vars"], "`vars`").entries if "vars" in tree else {}
    if path[0] in RECIPE_KEYS and len(path) > 1:
        raise UsageError(f"`{'.'.join(path)}` is a setting of the recipe, which only `archc train` uses")
    if len(path) == 1 and path[0] in variables:
        path = ["vars", path[0]]
    keys = [key for key in SpecFile.model_fields if key not in NOT_INHERITED]
    if path[0] not in keys:
        raise fail("set-nothing", f"'{path[0]}' is neither a variable of this spec nor one of its keys", at,
                   did_you_mean(path[0], [*variables, *keys]))  # fmt: skip
    if path[0] == "vars" and len(path) == 2:
        _check_free(path[1], variables, at)
    _check_expression_value(value)
    return expect_map(change(tree, path, at, setter(value, at)), "a spec")


def _check_expression_value(value: Tree) -> None:
    problems = Problems()
    _check_expressions(value, problems)
    problems.raise_any()


def _check_free(name: str, variables: "Iterable[str] | dict[str, Entry]", at: Location) -> None:
    """Raises SpecError unless `name` is a variable that is not worked out from others."""
    entries = dict(variables) if isinstance(variables, dict) else {}
    if name not in entries:
        raise fail("set-nothing", f"the spec has no variable '{name}'", at, did_you_mean(name, entries))
    free = free_variables(name, entries)
    if free != {name}:
        raise fail("set-derived", f"'{name}' is worked out from {', '.join(sorted(free))}", at,
                   f"set {' or '.join(sorted(free))} instead", (("worked out here", entries[name].value.at),))  # fmt: skip


def free_variables(name: str, entries: "dict[str, Entry]") -> set[str]:
    """The variables with values of their own on which `name` depends (itself, if it has one)."""
    value = entries[name].value if name in entries else None
    if isinstance(value, Scalar) and isinstance(value.value, str) and is_expression(value.value):
        names = parse_expression(value.value).names
        earlier = dict(list(entries.items())[: list(entries).index(name)])
        return set().union(*(free_variables(n, earlier) for n in names if n in earlier)) or {name}
    return {name}


# ---- the whole ---------------------------------------------------------------------------------------------------------


def _finish(read: _Read, stem: str, sets: Sequence[str]) -> Spec:
    tree = read.tree
    for text in sets:
        tree = _apply(tree, text)
    if read.about:
        tree = Map({"about": read.about, **tree.entries}, tree.at)
    tree = tree.without("uses")
    for shelf in SHELVES:
        for name, entry in _entries(tree, shelf):
            read.shelf.put(shelf, name, entry)
    names = {shelf: [n for s, n in read.shelf.found if s == shelf] for shelf in SHELVES}
    words = Words(names["blocks"])
    problems = Problems()
    blocks = _definitions(read.shelf, "blocks", Words(words.blocks, in_block=True), problems)
    rules = _definitions(read.shelf, "shortcuts", Words(words.blocks, in_rule=True), problems)
    problems.attempt(lambda: _check_top(tree))
    parts = problems.each(lambda part=part: part() for part in _parts(tree, words))
    _check_uses(blocks, rules, parts, tree, problems)
    problems.raise_any()
    name = (read.name or re.sub(r"[^a-zA-Z0-9_.+-]", "_", stem)) + "".join(f"-{_suffix(s)}" for s in sets)
    return Spec(name[:120], read.file, tree, blocks, rules, tuple(parts), read.expect, tuple(sets))


def _suffix(setting: str) -> str:
    return re.sub(r"[^a-zA-Z0-9.]+", "_", setting).strip("_")[:40]


def _definitions(shelf: _Shelf, kind: str, words: Words, problems: Problems) -> dict[str, Block]:
    found = {name: problems.attempt(lambda n=name, e=entry: read_block(n, e.value, e.at, words))
             for (k, name), entry in shelf.found.items() if k == kind}  # fmt: skip
    return {name: block for name, block in found.items() if block}


def _check_top(tree: Map) -> None:
    if "input" not in tree:
        raise fail("missing-key", "a spec needs 'input'", tree.at, "for instance `input: [32, 32, 3]`")
    if not any(key in tree for key in ("stem", "stages", "head")):
        raise fail("missing-key", "a spec needs a 'stem', 'stages' or a 'head'", tree.at)
    build(SpecFile, Map({"archc": Entry(Scalar(1, tree.at), tree.at), **tree.entries}, tree.at), "a spec")
    reserved = (*facts_of(Words(())), *SpecFile.model_fields)
    for name, entry in _entries(tree, "vars"):
        if name in reserved:
            raise fail("reserved-name", f"a variable cannot be called '{name}'", entry.at, "it is a word of the language")
        if isinstance(entry.value, Map):
            raise fail("wrong-type", f"the variable '{name}' cannot be a map", entry.value.at)


def _parts(tree: Map, words: Words) -> Iterable[object]:
    def steps(key: str) -> object:
        entry = tree.entries[key]
        return lambda: Part(key, read_steps(entry.value, f"the {key}", words), entry.at)

    def stage(name: str, entry: Entry) -> object:
        def read() -> Part:
            if name in (*RESERVED, "stem", "head") or not re.match(NAME, name):
                raise fail("reserved-name", f"a stage cannot be called '{name}'", entry.at)
            return Part(name, read_stage(entry.value, name, entry.at, words), entry.at)

        return read

    if "stem" in tree:
        yield steps("stem")
    for name, entry in _entries(tree, "stages"):
        yield stage(name, entry)
    if "head" in tree:
        yield steps("head")


def _check_uses(blocks: dict[str, Block], rules: dict[str, Block], parts: Sequence[Part], tree: Map, problems: Problems) -> None:
    """Arguments that blocks do not have, blocks that contain themselves, defaults for things that are not there."""
    bodies = [(b.name, b.body) for b in (*blocks.values(), *rules.values())]
    bodies += [(None, p.content) for p in parts if isinstance(p.content, tuple)]
    inner: dict[str, set[str]] = {}
    for name, body in bodies:
        for row in _rows(body):
            problems.attempt(lambda r=row: check_row(r, blocks))
            inner.setdefault(name or "", set()).add(row.block)
    for part in parts:
        if isinstance(part.content, Row):
            problems.attempt(lambda r=part.content: check_row(r, blocks))
    for name, block in blocks.items():
        if _reaches(name, name, inner):
            problems.found.extend(fail("cycle", f"the block '{name}' contains itself", block.at).diagnostics)
    for name, entry in _entries(tree, "defaults"):
        problems.attempt(lambda n=name, e=entry: check_default(n, e, blocks))


def _rows(steps: Iterable[object]) -> Iterable[Row]:
    for step in steps:
        if step.row:
            yield step.row
        for branch in (step.branches or {}).values():
            yield from _rows(branch)


def _reaches(start: str, target: str, inner: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    todo = list(inner.get(start, ()))
    while todo:
        name = todo.pop()
        if name == target:
            return True
        if name not in seen:
            seen.add(name)
            todo.extend(inner.get(name, ()))
    return False


def check_row(row: Row, blocks: dict[str, Block]) -> None:
    """Raises SpecError for arguments the block does not have."""
    block = blocks.get(row.block)
    if block is None:
        return  # its own mistake has been noted
    problems = Problems()
    for given in (row.arguments, row.first, row.last):
        for key, entry in given.entries.items() if given else ():
            if key not in block.arguments and not (given is not row.arguments and key == "shortcut"):
                problems.attempt(lambda k=key, e=entry: _unknown_argument(k, e.at, block))
    for name, entry in row.defaults.entries.items() if row.defaults else ():
        problems.attempt(lambda n=name, e=entry: check_default(n, e, blocks))
    problems.raise_any()


def _unknown_argument(key: str, at: Location, block: Block) -> None:
    raise fail("unknown-argument", f"the block '{block.name}' has no argument '{key}'", at,
               did_you_mean(key, block.arguments, "it has"), (("the block", block.at),))  # fmt: skip


def check_default(name: str, entry: Entry, blocks: dict[str, Block]) -> None:
    """Raises SpecError unless the defaults are for an op or a block, with attributes it has."""
    attributes = expect_map(entry.value, f"`defaults` of '{name}'")
    if name in REGISTRY:
        check_attributes(REGISTRY[name], attributes, f"'{name}'", complete=False)
    elif name in blocks:
        for key, item in attributes.entries.items():
            if key not in blocks[name].arguments:
                _unknown_argument(key, item.at, blocks[name])
    else:
        raise fail("unknown-step", f"`defaults` for '{name}', which is neither an op nor a block in scope", entry.at,
                   did_you_mean(name, [*REGISTRY, *blocks]))  # fmt: skip
