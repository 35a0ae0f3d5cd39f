"""What is known of one text of one file: each part is worked out when first asked for, and kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from archcompile.analyses import (
    LayerCost,
    Receptive,
    Totals,
    check_claims,
    layers,
    lint,
    receptive,
    totals,
)
from archcompile.editor.answers import Finding
from archcompile.editor.file_kinds import check_text, kind_of_text
from archcompile.editor.problem_list import findings_of
from archcompile.editor.stale_lines import unchanged_lines
from archcompile.editor.surroundings import Surroundings, look_around
from archcompile.editor.words import Reading
from archcompile.errors import ArchError, Diagnostic, Location, SpecError
from archcompile.graph import LayerGraph, Node, lower
from archcompile.shipped import Kind
from archcompile.spec.expansion import Expanded, ValueUse, expand
from archcompile.spec.expressions import expressions_in
from archcompile.spec.language import Spec, shown_path
from archcompile.spec.loading import ReadText, from_text

Diagnostics = tuple[Diagnostic, ...]
Place = tuple[str, int, int]  # a file as messages call it, line and column


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A text that has a graph; `diagnostics` are claims that do not hold, warnings and remarks."""

    text: str
    spec: Spec
    expanded: Expanded
    graph: LayerGraph

    @cached_property
    def diagnostics(self) -> Diagnostics:
        claims: Diagnostics = ()
        try:
            if self.spec.expect:
                check_claims(
                    self.graph,
                    self.spec.expect,
                    self.expanded.variables,
                    changed=False,
                    sum_up=lambda: self.sums,
                )
        except SpecError as error:
            claims = error.diagnostics
        return (*claims, *lint(self.graph, self.expanded))

    @cached_property
    def costs(self) -> Mapping[str, LayerCost]:
        """What each node costs, by name."""
        return {cost.name: cost for cost in layers(self.graph)}

    @cached_property
    def sums(self) -> Totals:
        """What all nodes cost together."""
        return totals(self.costs.values())

    @cached_property
    def nodes_by_place(self) -> Mapping[Place, tuple[Node, ...]]:
        """The nodes of each step, in order."""
        nodes: dict[Place, list[Node]] = {}
        for node in self.graph:
            at = node.origin.location
            nodes.setdefault((at.file, at.line, at.column), []).append(node)
        return {at: tuple(each) for at, each in nodes.items()}

    @cached_property
    def nodes_by_use(self) -> Mapping[Place, tuple[Node, ...]]:
        """The nodes of each step or row that uses a block, in order."""
        nodes: dict[Place, list[Node]] = {}
        for node in self.graph:
            for at in node.origin.rows:
                nodes.setdefault((at.file, at.line, at.column), []).append(node)
        return {at: tuple(each) for at, each in nodes.items()}

    @cached_property
    def ends_by_use(self) -> Mapping[Place, tuple[Node, ...]]:
        """The nodes in which such a step or row ended, in order."""
        ends: dict[Place, list[Node]] = {}
        for at, name in self.expanded.ends:
            ends.setdefault((at.file, at.line, at.column), []).append(self.graph.nodes[name])
        return {at: tuple(each) for at, each in ends.items()}

    @cached_property
    def uses_by_place(self) -> Mapping[Place, tuple[ValueUse, ...]]:
        """How each expression was worked out, in order."""
        uses: dict[Place, list[ValueUse]] = {}
        for use in self.expanded.uses:
            for leaf in expressions_in(use[-1].tree):
                at = leaf.at
                uses.setdefault((at.file, at.line, at.column), []).append(use)
        return {at: tuple(each) for at, each in uses.items()}

    @cached_property
    def fields(self) -> Mapping[str, Receptive]:
        """The receptive field of each node."""
        return receptive(self.graph)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a stage of compiling: a result, or the mistakes that kept it from one."""

    compiled: Compiled | None
    diagnostics: Diagnostics


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One text of one file. `last_good` is what the newest earlier text with a graph compiled to.

    `own_path` gives the path by which an editor knows a file, from the name in a `Location`.
    """

    file: Path
    text: str
    read_file: ReadText
    locate: Callable[[str], Path]
    last_good: Compiled | None

    @cached_property
    def shown_file(self) -> str:
        """What messages call the file."""
        return shown_path(self.file)

    @cached_property
    def kind(self) -> Kind:
        return kind_of_text(self.text, self.file)

    @cached_property
    def surroundings(self) -> Surroundings:
        """What the file sees of itself, its parents and its libraries, however broken they are."""
        return look_around(self.file, self.text, self.read_file)

    @property
    def reading(self) -> Reading:
        """The words of the text."""
        return self.surroundings.chain[0].reading

    # ---- the text alone --------------------------------------------------------------------------

    @cached_property
    def _spec(self) -> Spec | Diagnostics:
        """The spec, or the mistakes that are seen without values."""
        try:
            if self.kind == "spec":
                return from_text(self.text, str(self.file), read_file=self.read_file)
            return check_text(self.kind, self.text, self.file, read_file=self.read_file)
        except ArchError as error:
            return _diagnostics(error, self.shown_file)

    @property
    def is_read(self) -> bool:
        """Whether the mistakes in the text are known already."""
        return "_spec" in self.__dict__

    @cached_property
    def text_diagnostics(self) -> Diagnostics:
        return () if isinstance(self._spec, Spec) else self._spec

    @cached_property
    def text_findings(self) -> tuple[Finding, ...]:
        """What is wrong with the text alone: known before there is a graph."""
        return findings_of(self, self.text_diagnostics)

    # ---- the graph -------------------------------------------------------------------------------

    @cached_property
    def _outcome(self) -> _Outcome:
        spec = self._spec
        if not isinstance(spec, Spec):
            return _Outcome(None, spec)
        try:
            expanded = expand(spec)
            graph = lower(expanded)
        except ArchError as error:
            return _Outcome(None, _diagnostics(error, self.shown_file))
        compiled = Compiled(text=self.text, spec=spec, expanded=expanded, graph=graph)
        return _Outcome(compiled, compiled.diagnostics)

    @property
    def is_compiled(self) -> bool:
        """Whether the graph, or that there is none, is known already."""
        return "_outcome" in self.__dict__

    @property
    def compiled(self) -> Compiled | None:
        return self._outcome.compiled

    @property
    def graph(self) -> LayerGraph | None:
        """The graph of this text; None where it has none."""
        return self.compiled.graph if self.compiled else None

    @property
    def newest(self) -> Compiled | None:
        """This text compiled, else the last one that could be."""
        return self.compiled or self.last_good

    @cached_property
    def graph_lines(self) -> Mapping[int, int]:
        """Where the lines of the text that `newest` was compiled from stand in this text."""
        return unchanged_lines(self.newest.text, self.text) if self.newest else {}

    @cached_property
    def lines_of_graph(self) -> Mapping[int, int]:
        """The reverse."""
        return {now: line for line, now in self.graph_lines.items()}

    @property
    def is_stale(self) -> bool:
        """Whether what hover and hints show is of an earlier text."""
        return self.compiled is None and self.last_good is not None

    @property
    def diagnostics(self) -> Diagnostics:
        """All mistakes, warnings and remarks, in the words of the command line."""
        return self._outcome.diagnostics

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The same, each where its user can act: a text with mistakes has these alone."""
        return self.text_findings or findings_of(self, self.diagnostics)


def _diagnostics(error: ArchError, file: str) -> Diagnostics:
    """An error's diagnostics; one without a place stands at the beginning of the file."""
    if isinstance(error, SpecError):
        return error.diagnostics
    at = Location(file=file, line=1, column=1)
    return (Diagnostic(code=error.code, message=error.message, location=at, hint=error.hint),)
