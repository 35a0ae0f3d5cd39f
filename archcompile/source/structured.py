"""Source as a person writes it: a function for each block type, loops over repeats and over
stages.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archcompile.errors import visible
from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall, calls
from archcompile.source.emitter import Places, model
from archcompile.source.helpers import Maker, Names, Settings, expression, makers, texts
from archcompile.source.loops import Loop, called, loop_source, loops, used_at
from archcompile.source.nested_blocks import inner
from archcompile.source.printer import INDENT, Expr, Group, lines, quoted, statement
from archcompile.source.units import INPUT, Function, Unit, functions, unit_of
from archcompile.source.variables import Use, Variables, assign


@dataclass(frozen=True, kw_only=True)
class Program:
    """What all parts of the source are made from: functions for layers, for blocks within others,
    and for units.
    """

    makers: Mapping[str, Maker]
    inner: Mapping[str, Function]
    functions: Sequence[Function]
    place: Places

    def expression(
        self,
        made: NamedCall,
        sources: Sequence[str],
        settings: Settings | None = None,
        *,
        name: str | None = None,
    ) -> Expr:
        """A call on variables; `settings` and `name` stand for its own where they are given."""
        if made.call.path not in self.inner:
            return expression(made, self.makers, sources, settings=settings, name=name)
        arguments = {**texts(made), **(settings or {})}
        return called(
            self.inner[made.call.path], sources[0], arguments, name=name or quoted(made.name)
        )


def body(graph: LayerGraph) -> list[str]:
    """Everything behind the imports."""
    made, names = list(calls(graph)), Names({INPUT, "y", "stage", "unit"})
    known = makers(made, names, all_of_them=False)
    shared = {path: frozenset(maker.fixed) for path, maker in known.items()}
    within = inner(made, _readers(graph, made), names, shared=shared)
    made, ends = (
        list(within.calls),
        {label: within.ends.get(end, end) for label, end in graph.outputs.items()},
    )
    graph = replace(graph, outputs=ends)
    readers = _readers(graph, made)
    pieces = _pieces(made, readers)
    found = functions([piece for piece in pieces if isinstance(piece, Unit)], names, shared)
    program = Program(makers=known, inner=within.functions, functions=found, place=Places(graph))
    text = [line for maker in known.values() for line in ("", "", *maker.source())]
    text += [
        line
        for function in (*within.functions.values(), *found)
        for line in ("", "", *_definition(function, program))
    ]
    main = names.new(graph.name)
    text += [
        "",
        "",
        f"def {main}():",
        *_main(graph, loops(pieces, found, readers), program, names=names),
    ]
    return [*text, "", "", f"model = {main}()"]


def _readers(graph: LayerGraph, made: Sequence[NamedCall]) -> Mapping[str, set[str]]:
    """The calls that read each value; an output of the network is read by the empty name."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in made:
        for source in one.sources:
            found[source].add(one.name)
    for name in graph.outputs.values():
        found[name].add("")
    return found


def _pieces(made: Sequence[NamedCall], readers: Mapping[str, set[str]]) -> list[Unit | NamedCall]:
    """The network as units, where they can be functions, and calls."""
    runs = [list(run) for _, run in groupby(made, key=lambda one: one.node.origin.place)]
    units = [unit_of(run, readers) for run in runs]
    times = Counter(unit.prefix for unit in units if unit)  # by which a unit is known
    found: list[Unit | NamedCall] = []
    for run, unit in zip(runs, units, strict=True):
        found += [unit] if unit and times[unit.prefix] == 1 else run
    return found


# ---- a block -------------------------------------------------------------------------------------


def _definition(function: Function, program: Program) -> list[str]:
    """The function of a block type."""
    parameters = [
        INPUT,
        *(p for p in function.parameters if p not in function.defaults),
        "*",
        *(f"{p}={default}" for p, default in function.defaults.items()),
        "name",
    ]
    found = lines(
        Group(head=f"def {function.name}(", items=tuple(("", p) for p in parameters), tail="):"), 0
    )
    steps = list(_steps(function))
    variables = assign([step.use for step in steps], {INPUT: INPUT})
    last = steps[-1]
    for step in steps:
        if step.opens:
            found += [
                f"{INDENT}{new} = {old}"
                for new, old in (variables.copies[k] for k in step.opens if k in variables.copies)
            ]
            found.append(f"{INDENT}if {function.flags[step.use.key]}:")
        found += _step(
            function,
            step,
            variables,
            program=program,
            prefix="return " if step is last and not step.flag else "",
        )
    return [*found, f"{INDENT}return {variables.of[last.use.key]}"] if last.flag else found


@dataclass(frozen=True, kw_only=True)
class Step:
    """A layer of a block, or a copy of a value; `opens` are the layers of the run under one `if`
    that it begins.
    """

    use: Use
    copy: bool = False
    flag: bool = False
    opens: tuple[str, ...] = ()


def _steps(function: Function) -> Iterator[Step]:
    """What a block does, in order. A value that is needed behind a run of layers that may be
    missing is copied for it.
    """
    base, flags = function.base, function.flags
    order = list(base.calls)
    for flag, group in groupby(order, key=flags.get):
        run = tuple(group)
        if flag is None:
            yield from (Step(use=Use(local, base.links[local])) for local in run)
            continue
        instead: dict[str, str] = {}
        over: dict[str, str] = {}
        behind = order[order.index(run[-1]) + 1 :]
        for local in _leaving(base, run):
            root = local
            while root in run:
                root = function.skips[root]
            if root not in instead and any(root in base.links[other] for other in behind):
                instead[root] = f"copy of {root} for {run[0]}"
                yield Step(use=Use(instead[root], (root,)), copy=True)
            over[local] = instead.get(root, root)
        for local in run:
            sources = tuple(instead.get(source, source) for source in base.links[local])
            yield Step(
                use=Use(local, sources, over.get(local)),
                flag=True,
                opens=run if local == run[0] else (),
            )


def _leaving(base: Unit, run: Sequence[str]) -> Iterator[str]:
    """The layers of a run that something behind it reads, or nothing in the unit does."""
    for local in run:
        reading = [other for other in base.calls if local in base.links[other]]
        if not reading or any(other not in run for other in reading):
            yield local


def _step(
    function: Function, step: Step, variables: Variables, *, program: Program, prefix: str
) -> list[str]:
    target, sources = (
        variables.of[step.use.key],
        [variables.of[source] for source in step.use.sources],
    )
    if step.copy:
        return [f"{INDENT}{target} = {sources[0]}"]
    made = function.base.calls[step.use.key]
    name = 'f"{name}_' + step.use.key + '"'
    text = program.expression(made, sources, function.settings[step.use.key], name=name)
    return statement(
        text,
        1 + step.flag,
        prefix or f"{target} = ",
        comment=program.place(made.node.origin.location),
    )


# ---- the network ---------------------------------------------------------------------------------


def _main(
    graph: LayerGraph,
    segments: Sequence[Loop | Unit | NamedCall],
    program: Program,
    *,
    names: Names,
) -> list[str]:
    uses = [Use(_key(segment), _sources(segment)) for segment in segments]
    first = uses[0].key
    kept = [first, *graph.outputs.values()]
    variables = assign(uses[1:], {first: "inputs"}, kept)
    found: list[str] = []
    part = None
    for segment, use in zip(segments, uses, strict=True):
        here = _part(segment)
        if here != part:
            part = here
            found += [""] * bool(found)
            found += (
                [f"{INDENT}# {visible(part)}"]
                if not isinstance(segment, Loop) and part != "input"
                else []
            )
        sources = [variables.of[source] for source in use.sources]
        found += _segment(segment, variables.of[use.key], sources, program=program, names=names)
    return [*found, "", *model(graph, variables.of, 1, prefix="return ")]


def _segment(
    segment: Loop | Unit | NamedCall,
    target: str,
    sources: Sequence[str],
    *,
    program: Program,
    names: Names,
) -> list[str]:
    if isinstance(segment, Loop):
        copy = [f"{INDENT}{target} = {sources[0]}"] if sources[0] != target else []
        heading, *rest = loop_source(segment, target, program.place, names=names)
        return (
            [heading, *copy, *rest] if heading.lstrip().startswith("#") else [*copy, heading, *rest]
        )
    if isinstance(segment, Unit):
        return _unit(segment, target, sources[0], program=program)
    text = program.expression(segment, sources)
    return statement(text, 1, f"{target} = ", comment=program.place(segment.node.origin.location))


def _unit(unit: Unit, target: str, value: str, *, program: Program) -> list[str]:
    function = next(one for one in program.functions if unit.prefix in one.places)
    text = called(function, value, function.arguments(unit), name=quoted(unit.prefix))
    return statement(text, 1, f"{target} = ", comment=program.place(used_at(unit)))


def _key(segment: Loop | Unit | NamedCall) -> str:
    return segment.name if isinstance(segment, NamedCall) else segment.end


def _sources(segment: Loop | Unit | NamedCall) -> tuple[str, ...]:
    return segment.sources if isinstance(segment, NamedCall) else (segment.source,)


def _part(segment: Loop | Unit | NamedCall) -> str:
    return segment.node.origin.part if isinstance(segment, NamedCall) else segment.part
