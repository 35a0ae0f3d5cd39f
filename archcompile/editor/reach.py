"""The files in which a name may be used: the open ones, and those of the file's own tree."""

from collections.abc import Iterator
from pathlib import Path

from archcompile.editor.analysis import Analysis
from archcompile.editor.names import Meaning, Occurrence, occurrences, of_setting
from archcompile.editor.surroundings import Surroundings
from archcompile.editor.words import Word
from archcompile.editor.workspace import Workspace
from archcompile.editor.yaml_tree import list_yaml_files
from archcompile.errors import ArchError, Location
from archcompile.shipped import shipped_folder
from archcompile.spec.language import Reach

# Kinds of names that mean one thing in all files that see one another; others belong to one file.
_SHARED = ("variable", "part", "block", "rule", "argument", "point", "output", "branch")


def files_in_reach(workspace: Workspace, analysis: Analysis) -> Iterator[Analysis]:
    """The file itself, then the others: each is analysed, but not compiled."""
    yield analysis
    known = {analysis.file.resolve()}
    seen = [file.path for file in analysis.surroundings.files]
    tree = list_yaml_files(Reach.of(analysis.file).folders[0])
    for path in (*workspace.open_files, *seen, *tree):
        if path.resolve() not in known:
            known.add(path.resolve())
            try:
                yield workspace.analyse(path)
            except ArchError:
                continue


def uses_of(
    workspace: Workspace, analysis: Analysis, meaning: Meaning
) -> Iterator[tuple[Path, Occurrence]]:
    """All names with this meaning, each with its file."""
    homes = homes_of(analysis.surroundings, meaning)
    for user in files_in_reach(workspace, analysis):
        if meaning.name not in user.text or (user is not analysis and meaning.kind not in _SHARED):
            continue
        if user.kind == "experiment":
            for each in _set_by(workspace, user, meaning, homes=homes):
                yield user.file, each
        elif user is analysis or homes & homes_of(user.surroundings, meaning):
            for each in occurrences(user.surroundings.chain[0], user.surroundings):
                if each.meaning == meaning:
                    yield user.file, each


def _set_by(
    workspace: Workspace, experiment: Analysis, meaning: Meaning, *, homes: set[Path]
) -> Iterator[Occurrence]:
    """Where an experiment sets what has this name in its specs."""
    uses = [each for word in _settings(experiment) for each in of_setting(word)]
    uses = [each for each in uses if each.meaning == meaning]
    if uses and any(homes & each for each in homes_in_specs(workspace, experiment, meaning)):
        yield from uses


def _settings(experiment: Analysis) -> Iterator[Word]:
    values = experiment.reading.values
    yield from (word for path, word in values.items() if path[:1] == ("set",))


def homes_in_specs(
    workspace: Workspace, experiment: Analysis, meaning: Meaning
) -> Iterator[set[Path]]:
    """The files that define a name, for each spec of an experiment that has it."""
    reach = Reach.of(experiment.file)
    at = Location(file=experiment.shown_file, line=1, column=1)
    for path, word in experiment.reading.values.items():
        if path[:1] == ("specs",):
            try:
                spec = workspace.analyse(reach.follow(word.text, experiment.file, at))
            except ArchError:
                continue
            if homes := homes_of(spec.surroundings, meaning):
                yield homes


def homes_of(seen: Surroundings, meaning: Meaning) -> set[Path]:
    """The files that define a name, as a file sees it: where these are the same, so is it."""
    if meaning.kind in ("block", "rule", "argument"):
        shelf, name = meaning.owner
        if meaning.kind != "argument":
            shelf, name = ("blocks" if meaning.kind == "block" else "shortcuts"), meaning.name
        definition = seen.definition(shelf, name)
        return {definition.file.resolve()} if definition else set()
    return {
        file.path.resolve()
        for file in seen.chain
        for each in occurrences(file, seen)
        if each.is_definition and each.meaning == meaning
    }


def is_shipped(file: Path) -> bool:
    return file.resolve().is_relative_to(shipped_folder().resolve())
