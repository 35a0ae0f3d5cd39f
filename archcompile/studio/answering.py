"""The answer to a text: worked out in a thread, and thrown away if it comes late."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from archcompile.api import compile as compile_spec
from archcompile.choices import Level
from archcompile.editor import (
    Analysis,
    Finding,
    Fix,
    TextEdit,
    Workspace,
    find_problems,
    list_hints,
    map_lines,
)
from archcompile.errors import ArchError, SpecError, UsageError
from archcompile.graph import ir
from archcompile.interface import NetworkDifference
from archcompile.limits import MAX_MISTAKES
from archcompile.studio import views
from archcompile.studio.compiled_draft import (
    DraftNetwork,
    describe_network,
    read_variables,
    try_settings,
)
from archcompile.studio.editor_marks import Offsets, finding_marks, hint_marks

Tab = Literal["drawing", "costs", "difference", "runs"]


@dataclass(frozen=True)
class Texts:
    """What is known of the text that is typed, and of the one that is saved."""

    typed: Workspace = field(default_factory=Workspace)
    saved: Workspace = field(default_factory=Workspace)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the page shows at a moment; an answer to it is only good for the same question.

    `compared` is the spec to compare with, None for the saved file, whose text is `saved`.
    """

    text: str
    sets: tuple[str, ...] = ()
    batch: int = 32
    tab: Tab = "drawing"
    level: Level | None = None
    cost_level: Level = "stage"
    compared: Path | None = None
    saved: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListedFix:
    """A remedy; `others` names the files that it changes besides the text."""

    title: str
    edits: tuple[TextEdit, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListedFinding:
    """A finding below the editor, with its fixes."""

    finding: Finding
    fixes: tuple[ListedFix, ...]


@dataclass(frozen=True, kw_only=True)
class TextAnswer:
    """What stands in the text and below it."""

    question: Question
    analysis: Analysis
    marks: Mapping[str, Any]
    findings: tuple[ListedFinding, ...]


@dataclass(frozen=True, kw_only=True)
class Answer(TextAnswer):
    """What the page shows. `trouble` says why the settings that are tried make no network.

    `is_stale`: the network is that of an earlier text.
    """

    network: DraftNetwork | None
    is_stale: bool
    trouble: str = ""
    figures: tuple[views.Figure, ...] = ()
    drawing: views.DrawingView | None = None
    costs: str = ""
    difference: NetworkDifference | None = None
    no_difference: str = ""


def glance(texts: Texts, file: Path, question: Question) -> TextAnswer | None:
    """What is wrong with the text alone, before any network is looked at; None if nothing is."""
    analysis = _analyse(texts, file, question)
    return _text_answer(analysis, question) if analysis.text_findings else None


def _analyse(texts: Texts, file: Path, question: Question) -> Analysis:
    texts.typed.open(file, question.text)
    return texts.typed.analyse(file)


def _text_answer(analysis: Analysis, question: Question) -> TextAnswer:
    findings, offsets = find_problems(analysis), Offsets(question.text)
    hints = list_hints(analysis, 1, len(offsets.lines))
    return TextAnswer(
        question=question,
        analysis=analysis,
        marks={"findings": finding_marks(findings, offsets), "hints": hint_marks(hints, offsets)},
        findings=tuple(_list(finding, analysis.file) for finding in findings[:MAX_MISTAKES]),
    )


def answer(texts: Texts, file: Path, question: Question) -> Answer:
    """Everything that is visible now. Any text at all has an answer."""
    analysis = _analyse(texts, file, question)
    in_text = _text_answer(analysis, question)
    network, trouble = _network(analysis, question)
    shown: dict[str, Any] = {}
    if network is not None:
        saved = _saved_analysis(texts, file, question)
        saved_graph = saved.graph if saved else None
        shown["figures"] = views.figures(network.graph, question.batch, saved_graph)
        shown |= _tab(analysis, network, question, saved=saved)
    return Answer(
        **{field.name: getattr(in_text, field.name) for field in fields(in_text)},
        network=network,
        is_stale=analysis.is_stale or bool(trouble),
        trouble=trouble,
        **shown,
    )


def _network(analysis: Analysis, question: Question) -> tuple[DraftNetwork | None, str]:
    """The network with the settings that are tried, and why there is none but without them."""
    trouble = ""
    if question.sets and analysis.compiled:
        try:
            network = try_settings(question.text, analysis.file, question.sets)
            written = tuple(read_variables(analysis.compiled.spec))
            return replace(network, variables=written), ""
        except ArchError as error:
            trouble = f"with {', '.join(question.sets)}: {_first_words(error)}"
    newest = analysis.newest
    if newest is None:
        return None, trouble
    values = newest.expanded.variables
    return describe_network(newest.spec, newest.graph, values), trouble


def _first_words(error: ArchError) -> str:
    first = error.diagnostics[0] if isinstance(error, SpecError) else error
    return first.message + (f"; {first.hint}" if first.hint else "")


def _tab(
    analysis: Analysis, network: DraftNetwork, question: Question, *, saved: Analysis | None
) -> dict[str, Any]:
    """What the open tab shows."""
    if question.tab == "drawing":
        lines = map_lines(analysis).lines
        return {"drawing": views.draw_view(network.graph, question.level, lines)}
    if question.tab == "costs":
        table = views.cost_view(network.graph, question.cost_level, question.batch).table()
        return {"costs": table.html()}
    if question.tab == "difference":
        try:
            before = _compared_network(question, saved)
        except ArchError as error:
            return {"no_difference": _first_words(error)}
        return {"difference": views.difference_view(before, network.graph, question.batch)}
    return {}


def _saved_analysis(texts: Texts, file: Path, question: Question) -> Analysis | None:
    """What the saved text means; it is worked out once."""
    if question.saved is None:
        return None
    texts.saved.open(file, question.saved)
    return texts.saved.analyse(file)


def _compared_network(question: Question, saved: Analysis | None) -> ir.LayerGraph:
    """What the draft is compared with. Raises SpecError, UsageError."""
    if question.compared is not None:
        return compile_spec(question.compared)
    if saved is None:
        raise UsageError("there is no saved file yet")
    if saved.graph is None:
        raise SpecError(saved.diagnostics)
    return saved.graph


def _list(finding: Finding, file: Path) -> ListedFinding:
    return ListedFinding(
        finding=finding, fixes=tuple(_list_fix(fix, file) for fix in finding.fixes)
    )


def _list_fix(fix: Fix, file: Path) -> ListedFix:
    others = dict.fromkeys(edit.place.file.name for edit in fix.edits if edit.place.file != file)
    return ListedFix(title=fix.title, edits=fix.edits, others=tuple(others))
