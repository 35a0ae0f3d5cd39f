"""A new name for a variable, block, rule, argument, point, stage or output, in all files."""

import re
from pathlib import Path

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Position, TextEdit
from archcompile.editor.language_words import POINT_WORDS, STEP_WORDS
from archcompile.editor.names import FACTS, PARTS, Meaning, Occurrence, occurrence_at
from archcompile.editor.reach import homes_in_specs, is_shipped, uses_of
from archcompile.editor.slots import OF_ROW, OF_STEP
from archcompile.editor.workspace import Workspace
from archcompile.errors import UsageError
from archcompile.ops import REGISTRY
from archcompile.spec.expressions import EXPRESSION_WORDS
from archcompile.spec.language import NAME, NAMES, SpecFile

_WORDS = {
    "variable": "variable",
    "block": "block",
    "rule": "shortcut rule",
    "argument": "argument",
    "point": "point",
    "part": "stage",
    "output": "output",
    "branch": "branch",
}


def find_renamable(analysis: Analysis, position: Position) -> Occurrence | None:
    """The name at a position, where it is one that can be changed."""
    occurrence = occurrence_at(analysis.surroundings, position)
    if occurrence is None or occurrence.meaning.kind not in _WORDS:
        return None
    return None if occurrence.meaning.name in PARTS else occurrence


def rename(
    workspace: Workspace, analysis: Analysis, position: Position, *, new_name: str
) -> tuple[TextEdit, ...]:
    """The edits that give it a new name. Raises UsageError where it cannot have that."""
    occurrence = find_renamable(analysis, position)
    if occurrence is None:
        raise UsageError("nothing here has a name that can be changed")
    meaning = occurrence.meaning
    _check_name(meaning, new_name)
    uses = list(uses_of(workspace, analysis, meaning))
    owners = {file for file, each in uses if each.is_definition}
    what = f"the {_WORDS[meaning.kind]} '{meaning.name}'"
    if not owners:
        raise UsageError(f"{what} is defined nowhere, so it cannot be renamed")
    foreign = next((file for file in owners if is_shipped(file) and file != analysis.file), None)
    if foreign and not is_shipped(analysis.file):
        raise UsageError(
            f"{what} ships with archc, in {foreign.name}",
            hint="copy it into a file of your own to change it",
        )
    _check_experiments(workspace, {file for file, _ in uses}, meaning, owners=owners)
    taken = Meaning(meaning.kind, new_name, meaning.owner)
    if next(iter(uses_of(workspace, analysis, taken)), None):
        raise UsageError(f"there is {_article(meaning)} '{new_name}' already")
    return tuple(TextEdit(each.place(file), new_name) for file, each in uses)


def _check_experiments(
    workspace: Workspace, files: set[Path], meaning: Meaning, *, owners: set[Path]
) -> None:
    """Raises UsageError where an experiment sets the same name in other networks, too."""
    homes = {file.resolve() for file in owners}
    for file in files:
        experiment = workspace.analyse(file)
        if experiment.kind == "experiment" and not all(
            homes & each for each in homes_in_specs(workspace, experiment, meaning)
        ):
            raise UsageError(
                f"{file.name} sets '{meaning.name}' in networks that keep the name, too",
                hint="give these an experiment of their own, or rename it there as well",
            )


def _article(meaning: Meaning) -> str:
    word = _WORDS[meaning.kind]
    return f"{'an' if word[0] in 'ao' else 'a'} {word}"


def _check_name(meaning: Meaning, name: str) -> None:
    """Raises UsageError for what is no name, and for words of the language."""
    if not re.fullmatch(NAME, name):
        raise UsageError(f"'{name}' is not a valid name", hint=NAMES[NAME])
    reserved: tuple[str, ...] = (*POINT_WORDS, *PARTS, "none", *REGISTRY, *STEP_WORDS)
    if meaning.kind in ("variable", "argument"):
        reserved = (
            *FACTS,
            *EXPRESSION_WORDS,
            *POINT_WORDS,
            *OF_STEP,
            *OF_ROW,
            *SpecFile.model_fields,
        )
    if meaning.kind == "output":
        reserved = ()
    if name in reserved or (meaning.kind != "variable" and re.fullmatch(r"b\d+", name)):
        raise UsageError(
            f"'{name}' has another meaning in the language", hint="choose another name"
        )
