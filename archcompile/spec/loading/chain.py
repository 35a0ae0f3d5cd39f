"""A spec file with all that it extends and uses, merged into one tree."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from archcompile.errors import Diagnostic, Location
from archcompile.limits import MAX_CHAIN
from archcompile.spec.expressions import check_expressions, free_variables, names_in
from archcompile.spec.language import (
    NOT_INHERITED,
    SHELVES,
    File,
    Finding,
    Library,
    Problems,
    Reach,
    SpecFile,
    build,
    expect_no_spec,
    shown_path,
)
from archcompile.spec.loading.order import find_reordered, put_in_order, split_places
from archcompile.spec.yaml import (
    Entry,
    Map,
    Remover,
    Scalar,
    Tree,
    change,
    empty_map,
    expect_map,
    expect_text,
    fail,
    kind_of,
    merge,
    parse,
    read_text,
    subitems,
    submap,
    without_gone,
)


@dataclass(slots=True)
class Shelf:
    """Blocks and rules as written, by kind and name, with the file that brought them."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)

    def names(self, shelf: str) -> list[str]:
        return [name for kind, name in self.entries if kind == shelf]

    def put(self, shelf: str, name: str, entry: Entry) -> None:
        if (shelf, name) in self.entries:
            raise fail(
                "defined-twice",
                f"'{name}' is defined twice",
                entry.at,
                hint="choose another name",
                notes=(("first here", self.entries[shelf, name].at),),
            )
        self.entries[shelf, name] = entry


@dataclass(slots=True, kw_only=True)
class FileChain:
    """A spec file with its parents merged in."""

    tree: Map
    name: Entry | None
    about: Entry | None
    expect: Map | None
    shelf: Shelf
    problems: Problems
    file: str
    parent: Path | None = None
    extends_at: Location | None = None
    changed: list[Finding] = field(default_factory=list)


ReadText = Callable[[Path], str]  # the text of a file: from the disk, or of an editor that holds it


class Loader:
    def __init__(self, reach: Reach, read_file: ReadText = read_text):
        self.reach = reach
        self.read_file = read_file
        self.shelf = Shelf()
        self.problems = Problems()
        self.changed: list[Finding] = []

    def read(
        self, path: Path, children: tuple[Path, ...] = (), at: Location | None = None
    ) -> FileChain:
        if path.resolve() in children and at:
            raise fail("cycle", f"'{shown_path(path)}' extends itself", at)
        if len(children) >= MAX_CHAIN and at:
            raise fail("too-large", f"a chain of more than {MAX_CHAIN} files", at)
        return self.read_text(self.read_file(path), path, children)

    def read_text(self, text: str, path: Path, children: tuple[Path, ...] = ()) -> FileChain:
        """A file given as text, with its parents merged in."""
        tree = _parse(text, path, SpecFile, problems=self.problems)
        base = empty_map(tree.at)
        target = None
        if "extends" in tree:
            parent = tree["extends"]
            target = self.reach.follow(expect_text(parent, "`extends`"), path, parent.at)
            base = self.read(target, (*children, path.resolve()), parent.at).tree
        removed = [
            (expect_text(item, "each path in `remove`").split("."), item.at)
            for item in subitems(tree, "remove")
        ]
        for dotted, at in removed:
            base = expect_map(change(base, dotted, at, apply=Remover(at)), "a spec")
        for item in subitems(tree, "uses"):
            self.read_used_library(item, path)
        rest = expect_map(without_gone(base), "a spec")
        _check_derived(rest, tree)
        child, places = split_places(tree.without(*NOT_INHERITED), submap(base, "stages"))
        merged = put_in_order(expect_map(without_gone(merge(base, child)), "a spec"), places)
        if removed:
            before = put_in_order(expect_map(merge(rest, child), "a spec"), places)
            self.changed += find_reordered(before, merged, [dotted for dotted, _ in removed])
        expect = tree.get("expect")
        return FileChain(
            tree=Map(merged.entries, tree.at),
            name=tree.entries.get("name"),
            about=tree.entries.get("about"),
            expect=expect if isinstance(expect, Map) else None,
            shelf=self.shelf,
            problems=self.problems,
            file=shown_path(path),
            parent=target,
            extends_at=tree["extends"].at if target else None,
            changed=self.changed,
        )

    def read_used_library(self, named: Tree, user: Path, chain: int = 1) -> None:
        """The library that an entry of `uses` names in the file `user`, and those it uses."""
        name = expect_text(named, "each file in `uses`")
        path = self.reach.follow(name, user, named.at, shelf="blocks")
        self.library(path, chain, called=(name, named.at))

    def library(
        self, path: Path, chain: int = 1, *, called: tuple[str, Location] | None = None
    ) -> None:
        """A library and those it uses; `called` is what an entry of `uses` calls it, and where."""
        if path.resolve() in self.shelf.files:
            return
        self.shelf.files.add(path.resolve())
        text = self.read_file(path)
        written = _tree_of(text, shown_path(path))
        if called and isinstance(written, Map):
            name, at = called
            expect_no_spec(written, name, "a library of blocks and rules", at=at)
        tree = _parse(text, path, Library, problems=self.problems)
        for item in subitems(tree, "uses"):
            if chain >= MAX_CHAIN:
                raise fail("too-large", f"a chain of more than {MAX_CHAIN} files", item.at)
            self.read_used_library(item, path, chain + 1)
        for shelf in SHELVES:
            for name, entry in entries_of(tree, shelf):
                self.shelf.put(shelf, name, entry)


# mistakes that do not keep the rest from being read
LOCAL = (
    "unknown-key",
    "bad-expression",
    "unknown-function",
)


def _parse(text: str, path: Path, model: type[File], *, problems: Problems) -> Map:
    """One file, its keys checked and its expressions parsed.

    Mistakes that leave its form whole are noted in `problems`.
    """
    tree, noted = _parse_once(text, shown_path(path), model)
    problems.diagnostics.extend(noted)
    return tree


@lru_cache(maxsize=64)
def _tree_of(text: str, file: str) -> Tree:
    return parse(text, file)


@lru_cache(maxsize=64)  # trees are frozen, and the shipped libraries are part of nearly every spec
def _parse_once(text: str, file: str, model: type[File]) -> tuple[Map, tuple[Diagnostic, ...]]:
    tree = expect_map(_tree_of(text, file), "a spec")
    problems = Problems()
    problems.attempt(_check_version, tree)
    problems.raise_any()
    problems.attempt(build, model, tree, "a library" if model is Library else "a spec")
    for key, entry in tree.entries.items():
        if key not in ("about", "name"):
            problems.attempt(check_expressions, entry.value)
    if any(d.code not in LOCAL for d in problems.diagnostics):
        problems.raise_any()
    return tree, tuple(problems.diagnostics)


def _check_version(tree: Map) -> None:
    """Raises SpecError unless a file names this version of the language."""
    value = tree.get("archc")
    if value is None:
        raise fail(
            "version",
            "a spec begins with the version of its language",
            tree.at,
            hint="write `archc: 1` as its first line",
        )
    if not (isinstance(value, Scalar) and type(value.value) is int and value.value == 1):
        raise fail(
            "version",
            f"this archc knows version 1 of the language, not {kind_of(value)}",
            value.at,
            hint="write `archc: 1`, or use the archc that the spec was written for",
        )


def _check_derived(base: Map, child: Map) -> None:
    """Raises SpecError where a child sets a variable that its parent computes from others."""
    entries = dict(entries_of(base, "vars"))
    for name, entry in entries_of(child, "vars"):
        if (
            name in entries
            and not names_in(entry.value)
            and (free := free_variables(name, entries)) != {name}
        ):
            words = " or ".join(f"`{n}`" for n in sorted(free))
            raise fail(
                "set-derived",
                f"the parent computes '{name}' from {words}",
                entry.at,
                hint=f"set {words} instead, or give '{name}' a new expression",
                notes=(("computed here", entries[name].value.at),),
            )


def entries_of(tree: Map, key: str) -> Iterable[tuple[str, Entry]]:
    return submap(tree, key).entries.items()
