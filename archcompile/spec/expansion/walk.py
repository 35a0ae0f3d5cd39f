"""Writes a spec out: stages into units, units into steps, steps into ops, each with its shape.

Facts are shapes, so writing out and shape inference are one walk. The result is flat;
`graph.lower` makes a graph of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from archcompile.errors import SpecError
from archcompile.limits import MAX_NODES
from archcompile.ops import Input, Op
from archcompile.spec.check import mistakes_at_use, whole_floats
from archcompile.spec.expansion import changed_meaning
from archcompile.spec.expansion.bind import check_hidden
from archcompile.spec.expansion.ends import (
    check_nothing_lost,
    check_shortcuts_reached,
    named_outputs,
)
from archcompile.spec.expansion.join import join
from archcompile.spec.expansion.labels import inner_block
from archcompile.spec.expansion.op_values import OpValues
from archcompile.spec.expansion.point_sizes import with_size
from archcompile.spec.expansion.row_checks import check_nesting, check_repeat, with_use
from archcompile.spec.expansion.row_scope import (
    defaults_of_block,
    unit_scope,
    written_for_stage,
    written_for_turn,
    written_for_unit,
)
from archcompile.spec.expansion.row_units import has_join, unit_row
from archcompile.spec.expansion.scope import Expanded, Scope, Written
from archcompile.spec.expansion.split import slices_of
from archcompile.spec.expansion.walk_state import State
from archcompile.spec.expressions import SHAPE_FACTS, evaluate
from archcompile.spec.language import (
    BLOCK_INPUT,
    INPUT,
    PREVIOUS,
    Row,
    Spec,
    Step,
    all_steps,
    validate,
)
from archcompile.spec.yaml import Entry, Map, submap


def expand(spec: Spec, max_nodes: int = MAX_NODES) -> Expanded:
    """Write a spec out. Raises SpecError at the first thing that does not fit."""
    with mistakes_at_use(spec.extends_at):
        state = State(spec, max_nodes)
        try:
            return _expand(state)
        except SpecError as error:
            raise state.changes.with_changes(error) from None


# ---- parts ---------------------------------------------------------------------------------------


def _expand(state: State) -> Expanded:
    """Write the parts out, one behind the other."""
    spec, network = state.spec, state.network
    cursor = _put_input(state)
    parts: dict[str, str] = {}
    points: dict[str, str] = {}
    outermost = _outermost_scope(state)
    above = cursor  # where the unit, or the list, above starts
    for part in spec.parts:
        scope = replace(
            outermost,
            part=part.name,
            points={**parts, INPUT: cursor, BLOCK_INPUT: cursor},
            env={**state.variables, **network.facts(cursor)},
        )
        start = cursor
        if isinstance(part.content, Row):
            scope.points[PREVIOUS] = above
            with mistakes_at_use(part.content.at):
                cursor = _use_block(
                    state, part.content, cursor, prefix=part.name, scope=scope, is_stage=True
                )
            above = scope.points[PREVIOUS]
        else:
            cursor = _write_steps(state, part.content, cursor, prefix=part.name, scope=scope)
            for name, node in scope.points.items():
                if name not in (*parts, INPUT, BLOCK_INPUT):
                    points[f"{part.name}.{name}"] = node
            above = start
        parts[part.name] = cursor
    check_shortcuts_reached(spec, state.reached)
    outputs = named_outputs(spec, cursor, {**points, **parts})
    check_nothing_lost(network.nodes, outputs)
    return Expanded(
        spec=spec,
        nodes=network.nodes,
        outputs=outputs,
        parts=parts,
        joins=tuple(network.joins),
        variables=state.variables,
        reached=frozenset(state.reached),
        changed=state.findings(),
        uses=tuple(state.uses),
        ends=tuple(state.ends),
    )


def _put_input(state: State) -> str:
    tree = state.spec.tree["input"]
    values = {"dims": whole_floats(evaluate(tree, state.variables))}
    form = Map({"dims": Entry(tree, tree.at)}, tree.at)
    return state.network.put_input(validate(Input, values, form, what="the input"), tree.at)


def _outermost_scope(state: State) -> Scope:
    """What the parts see besides their shapes and points."""
    choice = state.spec.tree.get("shortcut")
    defaults = written_for_stage(submap(state.spec.tree, "defaults"), state)
    return Scope(
        env=state.variables,
        points={},
        part=INPUT,
        shortcut=written_for_stage(choice, state) if choice else None,
        sources=state.sources,
        defaults=(defaults,),
        allow=state.allow,
    )


# ---- stages and blocks ---------------------------------------------------------------------------


def _use_block(
    state: State, row: Row, cursor: str, *, prefix: str, scope: Scope, is_stage: bool
) -> str:
    """Write a block out as often as its row says; the node it ends in."""
    block = state.spec.blocks[row.block]
    repeat = state.repeat(row.repeat, scope)
    check_repeat(state, repeat, row.repeat.at if row.repeat else row.at)
    check_nesting(row, scope)
    joins = is_stage and has_join(block.body)
    for index in range(1, repeat + 1):
        state.visit(row.at)
        operands = [state.point(point, row, scope) for point in row.operands]
        if is_stage:
            scope.points[PREVIOUS] = cursor
        arguments, choices = unit_row(row, index, repeat)
        if is_stage:
            unit_env = state.unit_facts(index, repeat, joins=joins)
            written = written_for_unit(row, unit_env, cursor, state=state)
            scope = replace(scope, unit_env=unit_env, unit=index)
        else:
            written = written_for_turn(row, index, repeat, scope=scope)
        inner = unit_scope(state, row, choices, written=written, scope=scope, is_stage=is_stage)
        values = defaults_of_block(row.block, inner.defaults)
        values.update({key: replace(written, tree=tree) for key, tree in arguments.items()})
        state.reached.update(id(value.tree) for value in values.values())
        if index == 1:
            edges = (row.first, row.last)
            check_hidden(block, row.arguments, edges, env=written.env, entries=state.entries)
        name = f"{prefix}_b{index}" if is_stage or row.repeat is not None else prefix
        try:
            cursor = _write_body(
                state,
                row,
                values,
                sources=(cursor, *operands),
                prefix=name,
                scope=inner,
                is_stage=is_stage,
            )
        except SpecError as error:
            raise with_use(error, row.at) from None
    state.ends.append((row.at, cursor))
    return cursor


def _write_body(
    state: State,
    row: Row,
    values: Mapping[str, Written],
    *,
    sources: Sequence[str],
    prefix: str,
    scope: Scope,
    is_stage: bool,
) -> str:
    """Write a row's block out once, with the `values` of its arguments; the node it ends in.

    `sources` are the nodes at its inputs.
    """
    block, cursor = state.spec.blocks[row.block], sources[0]
    named = dict(zip(block.inputs, sources, strict=bool(block.inputs)))
    scope = replace(scope, points={INPUT: cursor, BLOCK_INPUT: cursor, **named})
    facts = {**scope.unit_env, **state.network.facts(cursor)}
    for name in block.further_inputs:
        facts |= state.network.facts(named[name], name)
    bound = state.bind(block, values, facts, at=row.at, scope=scope)
    scope = replace(scope, env=bound.env, sources=bound.sources)
    if not is_stage and scope.inner is None:
        scope = replace(
            scope, inner=inner_block(block, prefix, row.arguments.entries, env=bound.env)
        )
    return _write_steps(state, block.body, cursor, prefix=prefix, scope=scope)


# ---- steps ---------------------------------------------------------------------------------------


def _write_steps(
    state: State, body: Iterable[Step], cursor: str, *, prefix: str, scope: Scope
) -> str:
    """Write a list of steps out from `cursor`; the node it ends in."""
    count: dict[str, int] = {}
    for step in body:
        is_active = state.is_active(step, scope)
        turns = state.turns(step, scope, is_active)
        check_repeat(state, turns, step.at, used_at=scope.used_at)
        start = cursor
        if step.source and step.kind != "shortcut":  # whose `from` is where its skip path starts
            start = state.point(step.source, step, scope)
        if step.parts is not None:
            cursor = _write_parts(
                state, step, start, prefix=prefix, scope=scope, is_active=is_active
            )
            continue
        for turn in range(1, turns + 1):
            state.visit(step.at, scope.used_at)
            count[step.kind] = count.get(step.kind, 0) + 1
            if is_active:
                name = f"{prefix}_{_step_name(step, count[step.kind], turn, turns=turns)}"
                start = _write_step(state, step, start, name=name, scope=scope, turn=(turn, turns))
        cursor = start
        if step.name:
            scope.points[step.name] = cursor
    return cursor


def _step_name(step: Step, count: int, turn: int, *, turns: int) -> str:
    if step.name:
        return f"{step.name}{turn}" if turns > 1 else step.name
    if step.kind == "shortcut":
        return "shortcut" if count == 1 else f"shortcut{count}"
    return f"{step.kind}{count}"


def _write_step(
    state: State, step: Step, start: str, *, name: str, scope: Scope, turn: tuple[int, int]
) -> str:
    """Write one step out, in a turn of so many; the node it ends in."""
    if step.kind == "shortcut":
        write_rule = partial(_write_steps, state)
        return join(state, step, start, name=name, scope=scope, write_steps=write_rule)
    if step.row:
        inner = replace(scope, allow=(*scope.allow, *step.allow))
        with mistakes_at_use(step.at):
            return _use_block(state, step.row, start, prefix=name, scope=inner, is_stage=False)
    index, turns = turn
    env = {**scope.env, "turn": index, "turns": turns}
    before = changed_meaning.in_step(scope, env, index, turns=turns, counted=False)
    in_turn = replace(scope, env=env, before=before)
    step = with_size(state, step, in_turn)
    op = _op(state, step, in_turn)
    inputs = [start, *(state.point(operand, step, scope) for operand in step.operands)]
    if step.branches is not None:
        inputs = _write_branches(state, step.branches, start, name=name, scope=scope)
    if not op.lower():
        return start
    *in_front, last = op.lower()
    for extra in in_front:
        extra_name = f"{name}_{extra.kind}"
        inputs = [state.network.put(extra_name, extra, inputs, step=step, scope=in_turn)]
    return state.network.put(name, last, inputs, step=step, scope=in_turn)


def _write_parts(
    state: State, step: Step, start: str, *, prefix: str, scope: Scope, is_active: bool
) -> str:
    """Write a `split` out; the node of its last part. Left out, all its parts are `start`."""
    state.visit(step.at, scope.used_at)
    end = start
    slices = slices_of(state, step, start, scope=scope) if is_active else {}
    for name in step.names():
        if name in slices:
            node = f"{prefix}_{name}"
            end = state.network.put(node, slices[name], [start], step=step, scope=scope)
        scope.points[name] = end
    return end


def _write_branches(
    state: State,
    branches: Mapping[str, tuple[Step, ...]],
    start: str,
    *,
    name: str,
    scope: Scope,
) -> list[str]:
    """The ends of lists that start where their merge would; what they name is seen below it."""
    outside = {key: value for key, value in scope.env.items() if key not in SHAPE_FACTS}
    env = {**outside, **state.network.facts(start)}
    before = changed_meaning.in_branch(scope, env, start)
    ends: list[str] = []
    points: dict[str, str] = {}
    for key, body in branches.items():
        inner = replace(scope, env=env, before=before, points={**scope.points, INPUT: start})
        ends.append(_write_steps(state, body, start, prefix=f"{name}_{key}", scope=inner))
        for step in all_steps(body):
            named = {point: inner.points[point] for point in step.names() if point in inner.points}
            points.update(named)
    scope.points.update(points)
    return ends


def _op(state: State, step: Step, scope: Scope) -> Op:
    values = OpValues.of(step, scope)
    state.reached.update(id(entry.value) for entry in values.tree.entries.values())
    for value in values.given.values():
        state.note_value(value, scope, (*scope.allow, *step.allow))
    return values.op()
