"""The structured style: a function for each block type, loops over repeats and over stages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archcompile.errors import visible
from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall
from archcompile.source.function_statements import definition
from archcompile.source.header import model_expression
from archcompile.source.helpers import call_expression
from archcompile.source.layer_settings import Settings, settings_of
from archcompile.source.loop_statements import loop_statements, place_of_use
from archcompile.source.loops import Loop, Segment
from archcompile.source.spec_places import Place, spec_places
from archcompile.source.stage_units import Unit
from archcompile.source.structure import Structure, analyse
from archcompile.source.syntax import (
    EMPTY,
    Assign,
    CodeBlock,
    Expr,
    Line,
    Return,
    Statement,
    apart,
    quote,
)
from archcompile.source.variable_names import Use, assign


def structured_statements(graph: LayerGraph) -> Iterator[Statement]:
    """Everything behind the header."""
    structure = analyse(graph)
    writer = _Writer(structure, spec_places(structure.graph))
    for helper in structure.helpers.values():
        yield from apart(helper.definition())
    for function in (*structure.nested.values(), *structure.functions):
        yield from apart(definition(function, writer.expression, writer.place))
    yield from apart(CodeBlock(f"def {structure.main}():", tuple(writer.main())))
    yield from apart(Assign("model", f"{structure.main}()"))


@dataclass(frozen=True)
class _Writer:
    """Writes the calls of a network, and the function that builds the model."""

    structure: Structure
    place: Place

    def expression(
        self,
        call: NamedCall,
        sources: Sequence[str],
        settings: Settings | None = None,
        *,
        name: str | None = None,
    ) -> Expr:
        """A call on variables; `settings` and `name` override its own where given."""
        nested, helpers = self.structure.nested, self.structure.helpers
        if call.call.path not in nested:
            return call_expression(call, helpers, sources, settings=settings, name=name)
        arguments = {**settings_of(call), **(settings or {})}
        function = nested[call.call.path]
        return function.call(sources[0], arguments, name=name or quote(call.name))

    def main(self) -> Iterator[Statement]:
        """The body of the function that builds the model."""
        graph, segments = self.structure.graph, self.structure.segments
        uses = [Use(_key(segment), _sources(segment)) for segment in segments]
        first = uses[0].key
        variables = assign(uses[1:], {first: "inputs"}, [first, *graph.outputs.values()]).of
        part = None
        for number, (segment, use) in enumerate(zip(segments, uses, strict=True)):
            if _part(segment) != part:
                part = _part(segment)
                if number:
                    yield EMPTY
                if not isinstance(segment, Loop) and part != "input":
                    yield Line(f"# {visible(part)}")
            sources = [variables[source] for source in use.sources]
            yield from self._segment(segment, variables[use.key], sources)
        yield EMPTY
        yield Return(model_expression(graph, variables))

    def _segment(
        self, segment: Segment, target: str, sources: Sequence[str]
    ) -> Iterator[Statement]:
        """The statements of a loop, a unit or a single layer."""
        if isinstance(segment, Loop):
            taken = self.structure.taken
            yield from loop_statements(segment, target, sources[0], place=self.place, taken=taken)
        elif isinstance(segment, Unit):
            function = next(
                each for each in self.structure.functions if segment.prefix in each.places
            )
            arguments = function.arguments(segment)
            call = function.call(sources[0], arguments, name=quote(segment.prefix))
            yield Assign(target, call, self.place(place_of_use(segment)))
        else:
            value = self.expression(segment, sources)
            yield Assign(target, value, self.place(segment.node.origin.location))


def _key(segment: Segment) -> str:
    return segment.name if isinstance(segment, NamedCall) else segment.end


def _sources(segment: Segment) -> tuple[str, ...]:
    return segment.sources if isinstance(segment, NamedCall) else (segment.source,)


def _part(segment: Segment) -> str:
    return segment.node.origin.part if isinstance(segment, NamedCall) else segment.part
