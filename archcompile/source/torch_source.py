"""Prints a graph as a module of PyTorch: a class for each block type, loops over stages.

The file imports only torch. Units, functions and loops are those of the structured style.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from archcompile.choices import SourceStyle
from archcompile.errors import Location, visible
from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall
from archcompile.ops import Shape
from archcompile.source.flat import unit_heading
from archcompile.source.identifiers import Names
from archcompile.source.loop_statements import Rounds, loop_statement, place_of_use
from archcompile.source.loops import Loop, Segment, Stage
from archcompile.source.nested_blocks import PATH
from archcompile.source.printer import print_statements
from archcompile.source.spec_places import Place, spec_places
from archcompile.source.stage_units import Unit
from archcompile.source.structure import Structure, arrange, spread
from archcompile.source.syntax import (
    EMPTY,
    Assign,
    CodeBlock,
    Evaluate,
    Expr,
    Group,
    Line,
    Return,
    Statement,
    apart,
    bracket,
    quote,
)
from archcompile.source.torch_calls import PixelScaling, TorchCalls, torch_calls
from archcompile.source.torch_check import check_module
from archcompile.source.torch_classes import (
    SUPER,
    Classes,
    UnitClass,
    attributes_of,
    class_definition,
    class_name,
    module_expression,
    unit_classes,
    value_expression,
)
from archcompile.source.torch_definitions import definition_texts, definitions_for
from archcompile.source.torch_header import module_docstring
from archcompile.source.torch_pieces import Carried, is_function, is_map
from archcompile.source.torch_signatures import MODULE_ATTRIBUTES
from archcompile.source.unit_functions import UnitFunction
from archcompile.source.variable_names import Use, assign

TAKEN = ("self", "super", "torch", "nn", "F", "x", "y", "stage", "unit", "blocks")


@dataclass(frozen=True, kw_only=True)
class TorchSource:
    """`text` defines the module `name`.

    `weights` says what each entry of its state is made of: NODE/WEIGHT, and how it is turned.
    """

    text: str
    name: str
    weights: Mapping[str, tuple[str, Carried]]


def to_torch(
    graph: LayerGraph, scaling: PixelScaling | None = None, style: SourceStyle = "article"
) -> TorchSource:
    """The source of a module, formatted as `ruff format` would.

    The style `flat` has one class, with a line for each layer.

    Its text has been checked: it does nothing but build modules and call them. Raises
    SourceDiffers, a fault of archc, where it does not.
    """
    layers = torch_calls(graph, scaling)
    names = Names({*TAKEN, *MODULE_ATTRIBUTES, *definition_texts()})
    ends = {label: layers.ends[node] for label, node in graph.outputs.items()}
    bare, calls = replace(graph, outputs=ends), list(layers.calls)
    is_flat = style == "flat"
    structure = spread(bare, calls, names) if is_flat else arrange(bare, calls, names, helpers={})
    writer = _Writer(
        structure=structure,
        layers=layers,
        classes=unit_classes((*structure.nested.values(), *structure.functions), names),
        name=names.new(class_name(structure.main)),
        place=spec_places(graph),
        is_flat=is_flat,
    )
    text = "\n".join([*print_statements(writer.statements(graph)), ""])
    check_module(text)
    return TorchSource(text=text, name=writer.name, weights=writer.weights())


@dataclass(frozen=True, kw_only=True)
class _Writer:
    """Writes the classes of a network."""

    structure: Structure
    layers: TorchCalls
    classes: Classes
    name: str
    place: Place
    is_flat: bool

    @cached_property
    def nested(self) -> Mapping[str, UnitClass]:
        return {PATH + name: self.classes[name] for name in map(_last, self.structure.nested)}

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """The attributes of the network, by the ends of calls, units and stages."""
        preferred: dict[str, str] = {}
        for segment in self.structure.segments[1:]:
            if isinstance(segment, Loop):
                preferred |= {stage.units[-1].end: stage.units[0].part for stage in segment.stages}
            elif isinstance(segment, Unit):
                preferred[segment.end] = segment.prefix
            else:
                preferred[segment.name] = segment.name
        return attributes_of(preferred)

    def statements(self, graph: LayerGraph) -> Iterator[Statement]:
        paths = [call.call.path for call in self.layers.calls]
        yield from map(Line, module_docstring(graph, self.name, paths))
        yield EMPTY
        body = list(self._body())
        imports = ("import torch", "import torch.nn.functional as F", "from torch import nn")
        yield from map(Line, imports)
        for definition in definitions_for(paths):
            yield from (EMPTY, EMPTY, *map(Line, definition.splitlines()))
        yield from body

    def _body(self) -> Iterator[Statement]:
        for unit in self.classes.values():
            yield from apart(class_definition(unit, self.nested, self.place))
        yield from apart(
            CodeBlock(
                f"class {self.name}(nn.Module):",
                (
                    CodeBlock("def __init__(self):", (SUPER, *self._modules())),
                    EMPTY,
                    CodeBlock("def forward(self, x):", tuple(self._forward())),
                ),
            )
        )

    # ---- the network's modules -------------------------------------------------------------------

    def _modules(self) -> Iterator[Statement]:
        unit = None
        for segment in self.structure.segments[1:]:
            if self.is_flat and isinstance(segment, NamedCall):
                origin = segment.node.origin
                if origin.place != unit and not is_function(segment.call.path):
                    unit = origin.place
                    yield EMPTY
                    yield Line(f"# {visible(unit_heading(segment, self.place))}")
            if isinstance(segment, Loop):
                yield from self._loop(segment)
            elif isinstance(segment, Unit):
                function = self._function(segment)
                instance = self.classes[function.name].instance(function.arguments(segment))
                yield self._module(segment.end, instance, place_of_use(segment))
            elif not is_function(segment.call.path):
                module = module_expression(segment, self.nested)
                yield self._module(segment.name, module, segment.node.origin.location)

    def _module(self, end: str, module: Expr, location: Location) -> Assign:
        return Assign(f"self.{self.attributes[end]}", module, self.place(location))

    def _function(self, unit: Unit) -> UnitFunction:
        return next(each for each in self.structure.functions if unit.prefix in each.places)

    def _loop(self, loop: Loop) -> Iterator[Statement]:
        """Every stage becomes an nn.Sequential of its units; a unit without number stands alone."""
        attribute = f"self.{self.attributes[loop.stages[0].units[-1].end]}"
        is_single = len(loop.stages) == 1
        blocks = attribute if is_single else "blocks"

        def unit(function: UnitFunction, arguments: Mapping[str, Expr]) -> Statement:
            instance = self.classes[function.name].instance(arguments)
            return Evaluate(bracket(f"{blocks}.add_module(", ['f"b{unit}"', instance], ")"))

        def row(
            function: UnitFunction, arguments: Mapping[str, Expr], is_numbered: bool
        ) -> Statement:
            if is_numbered:
                return unit(function, arguments)
            instance = self.classes[function.name].instance(arguments)
            return Evaluate(bracket("self.add_module(", ["stage", instance], ")"))

        rounds = Rounds(
            unit=unit,
            row=row,
            stage=lambda units: (
                Assign("blocks", "nn.Sequential()"),
                units,
                Evaluate("self.add_module(stage, blocks)"),
            ),
            name=lambda stage: self.attributes[stage.units[-1].end],
            comment=lambda stage: self.place(place_of_use(stage.units[0])),
        )
        if is_single:
            where = self.place(place_of_use(loop.stages[0].units[0]))
            yield Assign(attribute, "nn.Sequential()", where)
        yield loop_statement(loop, rounds, taken=self.structure.taken)

    # ---- what it computes ------------------------------------------------------------------------

    def _forward(self) -> Iterator[Statement]:
        first, *segments = self.structure.segments
        uses = [Use(_end(segment), _sources(segment)) for segment in segments]
        ends = self.structure.graph.outputs
        variables = assign(uses, {_end(first): "x"}, [*ends.values()]).of
        for segment, use in zip(segments, uses, strict=True):
            sources = [variables[source] for source in use.sources]
            yield from self._values(segment, variables[use.key], sources)
        if len(ends) == 1:
            yield Return(variables[next(iter(ends.values()))])
        else:
            items = tuple((f"{quote(label)}: ", variables[end]) for label, end in ends.items())
            yield Return(Group(head="{", items=items, tail="}"))

    def _values(self, segment: Segment, target: str, sources: Sequence[str]) -> Iterator[Statement]:
        if isinstance(segment, NamedCall):
            value = value_expression(segment, self.attributes[segment.name], sources)
            yield Assign(target, value, self._shape_comment(segment))
        elif isinstance(segment, Unit):
            yield self._unit_value(segment, target, sources[0])
        else:
            variables = [sources[0], *[target] * len(segment.stages)]
            for stage, source in zip(segment.stages, variables, strict=False):
                yield self._unit_value(stage.units[-1], target, source)

    def _unit_value(self, unit: Unit, target: str, source: str) -> Assign:
        value = f"self.{self.attributes[unit.end]}({source})"
        return Assign(target, value, _shape_words(unit.calls[unit.last].node.shape))

    def _shape_comment(self, call: NamedCall) -> str:
        """The shape of a node's value; nothing for what lies in between.

        In the flat style a function has the name of its node, which is no module's.
        """
        is_value = call.call.path in self.nested or call.name == self.layers.ends[call.node.name]
        shape = _shape_words(call.node.shape) if is_value else ""
        if self.is_flat and is_function(call.call.path):
            return f"{visible(call.node.name)} {shape}".strip()
        return shape

    # ---- its state -------------------------------------------------------------------------------

    def weights(self) -> dict[str, tuple[str, Carried]]:
        """What each entry of the module's state is made of."""
        return {
            f"{path}.{key}": source
            for name, path in self._paths()
            for key, source in self.layers.carried.get(name, {}).items()
        }

    def _paths(self) -> Iterator[tuple[str, str]]:
        """Every call with the path of its module."""
        for segment in self.structure.segments[1:]:
            if isinstance(segment, NamedCall):
                yield from self._under(self.attributes[segment.name], segment)
            elif isinstance(segment, Unit):
                unit_class = self.classes[self._function(segment).name]
                yield from self._in_unit(self.attributes[segment.end], unit_class, segment)
            else:
                for stage in segment.stages:
                    yield from self._in_stage(segment, stage)

    def _in_stage(self, loop: Loop, stage: Stage) -> Iterator[tuple[str, str]]:
        attribute = self.attributes[stage.units[-1].end]
        is_numbered = loop.stages[0].units[0].prefix != loop.part
        for unit in stage.units:
            path = f"{attribute}.b{unit.place}" if is_numbered else attribute
            yield from self._in_unit(path, self.classes[stage.function.name], unit)

    def _in_unit(self, path: str, unit_class: UnitClass, unit: Unit) -> Iterator[tuple[str, str]]:
        for local, call in unit.calls.items():
            yield from self._under(f"{path}.{unit_class.attributes[local]}", call)

    def _under(self, path: str, call: NamedCall) -> Iterator[tuple[str, str]]:
        if call.call.path not in self.nested:
            yield call.name, path
            return
        unit_class = self.nested[call.call.path]
        units = unit_class.function.units
        unit = units[unit_class.function.places[call.name]]
        yield from self._in_unit(path, unit_class, unit)


def _last(path: str) -> str:
    return path.removeprefix(PATH)


def _end(segment: Segment) -> str:
    return segment.name if isinstance(segment, NamedCall) else segment.end


def _sources(segment: Segment) -> tuple[str, ...]:
    return segment.sources if isinstance(segment, NamedCall) else (segment.source,)


def _shape_words(shape: Shape) -> str:
    """A shape as PyTorch has it, without the batch."""
    sizes = (shape[2], *shape[:2]) if is_map(shape) else shape
    return f"({', '.join(map(str, sizes))})"
