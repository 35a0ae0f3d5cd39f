"""The files in which a name may be used: the open ones, and those of the file's own tree."""

from collections.abc import Iterator
from pathlib import Path

from archcompile.editor.analysis import Analysis
from archcompile.editor.names import Occurrence, Thing, occurrences
from archcompile.editor.surroundings import Surroundings
from archcompile.editor.workspace import Workspace
from archcompile.errors import ArchError
from archcompile.shipped import shipped_folder
from archcompile.spec.language import Reach

MOST_FILES = 500  # of a tree that are looked through

# Kinds of things that are one in all files that see one another; others belong to one file.
_SHARED = ("variable", "part", "block", "rule", "argument", "point", "output")


def files_in_reach(workspace: Workspace, analysis: Analysis) -> Iterator[Analysis]:
    """The file itself, then the others: each is analysed, but not compiled."""
    yield analysis
    known = {analysis.file.resolve()}
    seen = [file.path for file in analysis.surroundings.files]
    for path in (*workspace.open_files, *seen, *_tree(analysis.file)):
        if path.resolve() not in known:
            known.add(path.resolve())
            try:
                yield workspace.analyse(path)
            except ArchError:
                continue


def _tree(file: Path) -> Iterator[Path]:
    """The YAML files of the tree that a spec may read, at most so many."""
    root = Reach.of(file).folders[0]
    for count, path in enumerate(sorted(root.rglob("*.yaml"))):
        if count >= MOST_FILES:
            return
        yield path


def uses_of(
    workspace: Workspace, analysis: Analysis, thing: Thing
) -> Iterator[tuple[Path, Occurrence]]:
    """All occurrences of a thing, each with its file."""
    homes = homes_of(analysis.surroundings, thing)
    for other in files_in_reach(workspace, analysis):
        if thing.name not in other.text or (other is not analysis and thing.kind not in _SHARED):
            continue
        if other is analysis or homes & homes_of(other.surroundings, thing):
            for each in occurrences(other.surroundings.chain[0], other.surroundings):
                if each.thing == thing:
                    yield other.file, each


def homes_of(seen: Surroundings, thing: Thing) -> set[Path]:
    """The files that define a thing, as a file sees it: it means the same where these are."""
    if thing.kind in ("block", "rule", "argument"):
        shelf, name = thing.owner
        if thing.kind != "argument":
            shelf, name = ("blocks" if thing.kind == "block" else "shortcuts"), thing.name
        definition = seen.definition(shelf, name)
        return {definition.file.resolve()} if definition else set()
    return {
        file.path.resolve()
        for file in seen.chain
        for each in occurrences(file, seen)
        if each.is_definition and each.thing == thing
    }


def is_shipped(file: Path) -> bool:
    return file.resolve().is_relative_to(shipped_folder().resolve())
