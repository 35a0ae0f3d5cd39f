"""From a file to a Spec: follows `extends` and `uses`, merges, applies `--set`, and checks all that needs no values."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from archcompile.errors import Diagnostic, Location
from archcompile.spec import strict_yaml
from archcompile.spec.allow import Finding, read_allowed
from archcompile.spec.changed import reordered
from archcompile.spec.expr import EXPRESSION_WORDS
from archcompile.spec.files import Reach, check_recipe, find_spec, shown_path
from archcompile.spec.model import (
    FILE_NAME,
    MAX_NAME,
    NAME,
    NAMES,
    NOT_INHERITED,
    Block,
    File,
    Library,
    Part,
    Spec,
    SpecFile,
)
from archcompile.spec.names import check_names
from archcompile.spec.order import placed, unplaced
from archcompile.spec.paths import change, merge, remover, without_gone
from archcompile.spec.read import build
from archcompile.spec.scope import BLOCK_INPUT
from archcompile.spec.settings import apply
from archcompile.spec.sources import told_at_use
from archcompile.spec.steps import PLACE_KEYS, POINTS, Problems, Words, facts_of, read_block, read_stage, read_steps
from archcompile.spec.tree import (
    Entry,
    Map,
    Scalar,
    Seq,
    Tree,
    empty_map,
    expect_map,
    expect_text,
    fail,
    kind_of,
    plain,
)
from archcompile.spec.usage import all_steps, check_uses
from archcompile.spec.values import check_expressions, free_variables, names_in

MAX_CHAIN = 16  # files that bring one another in
SHELVES = ("blocks", "shortcuts")


def load(spec: str | Path, sets: Sequence[str] = ()) -> Spec:
    """The spec that a file, a shipped name or `-` (stdin) means, with `K=V` settings applied.

    Raises UsageError (not found, not a setting), SpecError (all mistakes that need no values).
    """
    if str(spec) == "-":
        return _finish(_Loader(Reach.of(Path("stdin"))).read_text(strict_yaml.read_stdin(), Path("stdin")), "stdin", sets)
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
    name: Entry | None
    about: Entry | None
    expect: Map | None
    shelf: _Shelf
    problems: Problems
    file: str
    parent: Path | None = None
    extends_at: Location | None = None
    changed: list[Finding] = field(default_factory=list)


class _Loader:
    def __init__(self, reach: Reach):
        self.reach = reach
        self.shelf = _Shelf()
        self.problems = Problems()
        self.changed: list[Finding] = []

    def read(self, path: Path, children: tuple[Path, ...] = (), at: Location | None = None) -> _Read:
        if path.resolve() in children and at:
            raise fail("cycle", f"'{shown_path(path)}' extends itself", at)
        if len(children) >= MAX_CHAIN and at:
            raise fail("too-large", f"a chain of more than {MAX_CHAIN} files", at)
        return self.read_text(strict_yaml.read_text(path), path, children)

    def read_text(self, text: str, path: Path, children: tuple[Path, ...] = ()) -> _Read:
        tree = _parse(text, path, SpecFile, self.problems)
        base = empty_map(tree.at)
        target = None
        if "extends" in tree:
            parent = tree["extends"]
            target = self.reach.follow(expect_text(parent, "`extends`"), path, parent.at)
            base = self.read(target, (*children, path.resolve()), parent.at).tree
        removed = [(expect_text(item, "each path in `remove`").split("."), item.at) for item in _items(tree, "remove")]
        for dotted, at in removed:
            base = expect_map(change(base, dotted, at, remover(at)), "a spec")
        for item in _items(tree, "uses"):
            self.library(self.reach.follow(expect_text(item, "each file in `uses`"), path, item.at, "blocks"))
        rest = expect_map(without_gone(base), "a spec")
        _check_derived(rest, tree)
        child, places = unplaced(tree.without(*NOT_INHERITED), _stages(base))
        merged = placed(expect_map(without_gone(merge(base, child)), "a spec"), places)
        if removed:
            before = placed(expect_map(merge(rest, child), "a spec"), places)
            self.changed += reordered(before, merged, [dotted for dotted, _ in removed])
        expect = tree.get("expect")
        return _Read(Map(merged.entries, tree.at), tree.entries.get("name"), tree.entries.get("about"),
                     expect if isinstance(expect, Map) else None, self.shelf, self.problems, shown_path(path),
                     target, tree["extends"].at if target else None, self.changed)  # fmt: skip

    def library(self, path: Path, chain: int = 1) -> None:
        if path.resolve() in self.shelf.files:
            return
        self.shelf.files.add(path.resolve())
        tree = _parse(strict_yaml.read_text(path), path, Library, self.problems)
        for item in _items(tree, "uses"):
            if chain >= MAX_CHAIN:
                raise fail("too-large", f"a chain of more than {MAX_CHAIN} files", item.at)
            self.library(self.reach.follow(expect_text(item, "each file in `uses`"), path, item.at, "blocks"), chain + 1)
        for shelf in SHELVES:
            for name, entry in _entries(tree, shelf):
                self.shelf.put(shelf, name, entry)


LOCAL = ("unknown-key", "bad-expression", "unknown-function")  # mistakes that do not keep the rest from being read


def _parse(text: str, path: Path, model: type[File], found: Problems) -> Map:
    """One file, its keys checked and its expressions parsed. Mistakes that leave its form whole are noted in `found`."""
    tree, noted = _parsed(text, shown_path(path), model)
    found.found.extend(noted)
    return tree


@lru_cache(maxsize=64)  # trees are frozen, and the shipped libraries are part of nearly every spec
def _parsed(text: str, file: str, model: type[File]) -> tuple[Map, tuple[Diagnostic, ...]]:
    tree = expect_map(strict_yaml.parse(text, file), "a spec")
    problems = Problems()
    problems.attempt(_version, tree)
    problems.raise_any()
    problems.attempt(build, model, tree, "a library" if model is Library else "a spec")
    for key, entry in tree.entries.items():
        if key not in ("about", "name"):
            problems.attempt(check_expressions, entry.value)
    if any(d.code not in LOCAL for d in problems.found):
        problems.raise_any()
    return tree, tuple(problems.found)


def _version(tree: Map) -> None:
    value = tree.get("archc")
    if value is None:
        raise fail(
            "version", "a spec begins with the version of its language", tree.at, "write `archc: 1` as its first line"
        )
    if not (isinstance(value, Scalar) and type(value.value) is int and value.value == 1):
        raise fail("version", f"this archc knows version 1 of the language, not {kind_of(value)}", value.at,
                   "write `archc: 1`, or use the archc that the spec was written for")  # fmt: skip


def _check_derived(base: Map, child: Map) -> None:
    """Raises SpecError where a child gives a number to a variable that its parent works out from others."""
    entries = dict(_entries(base, "vars"))
    for name, entry in _entries(child, "vars"):
        if name in entries and not names_in(entry.value) and (free := free_variables(name, entries)) != {name}:
            words = " or ".join(f"`{n}`" for n in sorted(free))
            raise fail("set-derived", f"the parent works '{name}' out from {words}", entry.at,
                       f"set {words} instead, or give '{name}' an expression of its own",
                       (("worked out here", entries[name].value.at),))  # fmt: skip


def _items(tree: Map, key: str) -> Iterable[Tree]:
    value = tree.get(key)
    return value.items if isinstance(value, Seq) else ()


def _stages(tree: Map) -> Map:
    stages = tree.get("stages")
    return stages if isinstance(stages, Map) else empty_map(tree.at)


def _entries(tree: Map, key: str) -> Iterable[tuple[str, Entry]]:
    value = tree.get(key)
    return value.entries.items() if isinstance(value, Map) else ()


# ---- the whole ---------------------------------------------------------------------------------------------------------


def _finish(read: _Read, stem: str, sets: Sequence[str]) -> Spec:
    tree = read.tree
    for text in sets:
        tree = apply(tree, text)
    if read.about:
        tree = Map({"about": read.about, **tree.entries}, tree.at)
    tree = tree.without("uses")
    for shelf in SHELVES:
        for name, entry in _entries(tree, shelf):
            read.shelf.put(shelf, name, entry)
    names = {shelf: [n for s, n in read.shelf.found if s == shelf] for shelf in SHELVES}
    words = Words(names["blocks"])
    problems = read.problems
    whole = not problems.found  # else a part that seems to be missing may be there under a wrong key
    blocks = _definitions(read.shelf, "blocks", Words(words.blocks, in_block=True), problems)
    rules = _definitions(read.shelf, "shortcuts", Words(words.blocks, in_rule=True), problems)
    problems.attempt(_check_top, tree, whole)
    parts = [part for read in _parts(tree, words) if (part := problems.attempt(read))]
    defaults = tree.get("defaults")
    problems.attempt(_check_points, parts)
    check_uses(blocks, rules, parts, defaults if isinstance(defaults, Map) else None, tree.get("shortcut"),
               set(names["shortcuts"]) - set(rules), problems)  # fmt: skip
    check_names(tree, blocks.values(), rules.values(), parts, problems)
    with told_at_use(read.extends_at):
        problems.raise_any()
    written = plain(read.name.value) if read.name else None  # `name:` without a value is none
    name = (written or _name_of(stem)) + "".join(f"-{_suffix(s)}" for s in sets)
    name_at = read.name.value.at if read.name and written else None
    return Spec(name[:MAX_NAME], read.file, tree, blocks, rules, tuple(parts), read.expect, tuple(sets),
                name_at=name_at, parent=read.parent, extends_at=read.extends_at, changed=tuple(read.changed))  # fmt: skip


def _name_of(stem: str) -> str:
    """A file's stem as the name of a spec: what is not allowed there becomes `_`."""
    name = re.sub(r"[^a-zA-Z0-9_.+-]", "_", stem)
    return name if re.fullmatch(FILE_NAME, name[:MAX_NAME]) else f"spec{name}"


def _suffix(setting: str) -> str:
    return re.sub(r"[^a-zA-Z0-9.]+", "_", setting).strip("_")[:40]


def _definitions(shelf: _Shelf, kind: str, words: Words, problems: Problems) -> dict[str, Block]:
    found = {name: problems.attempt(read_block, name, entry.value, entry.at, words)
             for (k, name), entry in shelf.found.items() if k == kind}  # fmt: skip
    return {name: block for name, block in found.items() if block}


def _check_top(tree: Map, whole: bool) -> None:
    if whole and "input" not in tree:
        raise fail("missing-key", "a spec needs 'input'", tree.at, "for instance `input: [32, 32, 3]`")
    if whole and not any(key in tree for key in ("stem", "stages", "head")):
        raise fail("missing-key", "a spec needs a 'stem', 'stages' or a 'head'", tree.at)
    read_allowed(tree.get("allow"))
    build(SpecFile, Map({"archc": Entry(Scalar(1, tree.at), tree.at), **tree.entries}, tree.at), "a spec")
    check_recipe(tree)
    reserved = (*facts_of(Words((), in_rule=True)), *SpecFile.model_fields, *PLACE_KEYS, BLOCK_INPUT, *EXPRESSION_WORDS)
    problems = Problems()
    for name, entry in _entries(tree, "vars"):
        problems.attempt(_check_variable, name, entry, reserved)
    problems.raise_any()


def _check_variable(name: str, entry: Entry, reserved: Sequence[str]) -> None:
    if name in reserved:
        raise fail("reserved-name", f"a variable cannot be called '{name}'", entry.at, "it is a word of the language")
    if isinstance(entry.value, Map):
        raise fail("wrong-type", f"the variable '{name}' cannot be a map", entry.value.at)


def _check_points(parts: Sequence[Part]) -> None:
    """Raises SpecError for a step that is called like a part: `from` could mean either."""
    names = {part.name: part.at for part in parts}
    for part in parts:
        for step in all_steps(part.content) if isinstance(part.content, tuple) else ():
            if step.name in names:
                raise fail("defined-twice", f"a step cannot be called '{step.name}', like a part", step.at,
                           "choose another name", (("the part", names[step.name]),))  # fmt: skip


def _parts(tree: Map, words: Words) -> Iterable[Callable[[], Part]]:
    def steps(key: str) -> Callable[[], Part]:
        entry = tree.entries[key]
        return lambda: Part(key, read_steps(entry.value, f"the {key}", words), entry.at)

    def stage(name: str, entry: Entry) -> Callable[[], Part]:
        def read() -> Part:
            if name in (*POINTS, "stem", "head") or not re.fullmatch(NAME, name):
                hint = "choose another name" if name in (*POINTS, "stem", "head") else NAMES[NAME]
                raise fail("reserved-name", f"a stage cannot be called '{name}'", entry.at, hint)
            return Part(name, read_stage(entry.value, name, entry.at, words), entry.at)

        return read

    if "stem" in tree:
        yield steps("stem")
    for name, entry in _entries(tree, "stages"):
        yield stage(name, entry)
    if "head" in tree:
        yield steps("head")


def kind_of_file(name: str) -> str:
    """Whether a YAML file is a spec, library, recipe or experiment, by its keys. Raises UsageError, SpecError."""
    path = find_spec(name)
    tree = strict_yaml.parse(strict_yaml.read_text(path), shown_path(path))
    keys = set(tree.entries) if isinstance(tree, Map) else set()
    if keys & {"extends", "input", "stem", "stages", "head", "vars"} or not isinstance(tree, Map):
        return "spec"
    if keys & set(SHELVES):
        return "library"
    if keys >= {"specs", "recipes"}:
        return "experiment"
    if keys & {"optimizer", "schedule", "epochs", "batch_size", "augment"}:
        return "recipe"
    only_in_specs = SpecFile.model_fields.keys() - {"archc", "about"}
    return "experiment" if keys & {"specs", "recipes"} and not keys & only_in_specs else "spec"


def check_library(path: Path) -> None:
    """Raises SpecError with the mistakes in a library and in those it uses."""
    loader = _Loader(Reach.of(path))
    loader.library(path)
    problems = loader.problems
    names = [name for shelf, name in loader.shelf.found if shelf == "blocks"]
    blocks = _definitions(loader.shelf, "blocks", Words(names, in_block=True), problems)
    rules = _definitions(loader.shelf, "shortcuts", Words(names, in_rule=True), problems)
    broken = {name for shelf, name in loader.shelf.found if shelf == "shortcuts"} - set(rules)
    check_uses(blocks, rules, (), None, None, broken, problems)
    problems.raise_any()
