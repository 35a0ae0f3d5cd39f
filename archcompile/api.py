"""The Python interface: `compile` a spec, then ask the graph for a model, source or a drawing."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile.analyses import check_claims, compare_with_parent, lint, summary
from archcompile.argument_checks import Count, check_arguments
from archcompile.choices import SourceStyle
from archcompile.errors import ArchError, Diagnostic, SpecError
from archcompile.graph import ir, lower, semantic_hash, to_text
from archcompile.limits import MAX_NODES
from archcompile.spec import expand, from_text, load
from archcompile.spec.language import Spec

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True, repr=False)
class LayerGraph(ir.LayerGraph):
    """A compiled spec.

    `notes` are findings that do not stop a build; `remarks` are true of good specs too.
    """

    notes: tuple[Diagnostic, ...] = ()
    remarks: tuple[Diagnostic, ...] = ()

    def __repr__(self) -> str:
        """The table that `archc build` prints."""
        from archcompile.drawing.formats import text

        return text(self).rstrip("\n")

    def _repr_html_(self) -> str:
        """The table, and the drawing: what notebooks show."""
        from archcompile.drawing.formats import svg

        return f'<pre style="overflow-x: auto">{escape(repr(self))}</pre>\n{image_tag(svg(self))}'

    @cached_property
    def hash(self) -> str:
        """The semantic hash, 64 hex digits: equal for equal architectures, whatever their names."""
        return semantic_hash(self)

    def to_keras(self) -> "keras.Model":
        """The Keras Functional model; layer names are node names."""
        from archcompile.keras_model import to_keras

        return to_keras(self)

    @check_arguments
    def to_source(self, style: SourceStyle = "flat") -> str:
        """Python source that leaves the same model in `model`, importing only keras.

        In the style `flat` it has a line per layer; in the style `article`, functions and loops.
        """
        from archcompile.source import to_source

        return to_source(self, style)

    def to_text(self) -> str:
        """One line a node."""
        return to_text(self)

    def to_dict(self, files: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What `archc build --json` prints; `files` are those written, by their kind."""
        notes = [note.record() for note in self.notes]
        return {**summary(self), "notes": notes, "files": dict(files or {})}


def image_tag(svg: str) -> str:
    """A drawing for a page that has drawings already, whose styles and names stay apart."""
    data = b64encode(svg.encode()).decode()
    return f'<img style="max-width: 100%" alt="" src="data:image/svg+xml;base64,{data}">'


@check_arguments
def compile(  # noqa: A001 - the contract's name
    spec: str | Path, *, sets: Sequence[str] = (), max_nodes: Count = MAX_NODES, **params: Any
) -> LayerGraph:
    """The checked graph of a spec.

    `spec` is a file, a shipped name or `-` (stdin); `params` set its variables, `sets` are settings
    `K=V` as on the command line. Raises SpecError (with places), UsageError (not found).
    """
    return compile_spec(load(spec, settings_of(params, sets)), max_nodes)


def settings_of(params: Mapping[str, Any], sets: Sequence[str]) -> list[str]:
    """Variables given as keyword arguments as settings `K=V`, in front of those written so."""
    from archcompile.spec.yaml import flow

    return [*(f"{key}={flow(value)}" for key, value in params.items()), *sets]


@check_arguments
def compile_text(
    text: str,
    *,
    file: str | Path = "spec.yaml",
    sets: Sequence[str] = (),
    max_nodes: Count = MAX_NODES,
) -> LayerGraph:
    """The checked graph of a spec given as text; `file` is what its places are called."""
    return compile_spec(from_text(text, str(file), sets), max_nodes)


def compile_spec(spec: Spec, max_nodes: int = MAX_NODES) -> LayerGraph:
    expanded = expand(spec, max_nodes)
    graph = lower(expanded)
    notes: list[Diagnostic] = []
    try:
        if spec.expect:
            is_changed = bool(spec.sets)
            notes += check_claims(graph, spec.expect, expanded.variables, changed=is_changed)
    except SpecError as error:
        raise _beside_parent(error, graph, spec, max_nodes=max_nodes) from None
    findings = lint(graph, expanded)
    notes += [finding for finding in findings if finding.severity == "warning"]
    remarks = [finding for finding in findings if finding.severity == "note"]
    values = {f.name: getattr(graph, f.name) for f in fields(ir.LayerGraph)}
    return LayerGraph(**values, notes=tuple(notes), remarks=tuple(remarks))


def _beside_parent(
    error: SpecError, graph: ir.LayerGraph, spec: Spec, *, max_nodes: int
) -> SpecError:
    """Claims that do not hold, compared with the parent where that has one whose own claims do."""
    if not spec.parent:
        return error
    try:
        return compare_with_parent(error, graph, compile(spec.parent, max_nodes=max_nodes))
    except ArchError:
        return error  # the parent is wrong itself, which says nothing about this file
