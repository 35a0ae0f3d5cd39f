"""Unrolls a spec: stages into units, units into steps, steps into ops, each in its place and with
its shape.

Facts are shapes, so unrolling and shape inference are one walk. The result is flat; `graph.lower`
makes a graph of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import prod

from archcompile.errors import Location, ShapeError, SpecError, did_you_mean
from archcompile.limits import MAX_NODES, MAX_PARAMS, MAX_VALUES
from archcompile.ops import Input, Op, show
from archcompile.spec.check import (
    Sources,
    evaluated,
    of_variables,
    told_at_source,
    told_at_use,
    whole_floats,
)
from archcompile.spec.expansion import changed_meaning as changed
from archcompile.spec.expansion.bind import Bound, bind, check_hidden, in_words
from archcompile.spec.expansion.ends import (
    check_nothing_lost,
    check_shortcuts_reached,
    named_outputs,
)
from archcompile.spec.expansion.join import join
from archcompile.spec.expansion.op_values import OpValues
from archcompile.spec.expansion.scope import Expanded, Placed, Scope, Written, misfit
from archcompile.spec.expansion.units import has_join, overridden, unit_row
from archcompile.spec.expressions import SHAPE_FACTS, Env, evaluate, names_in, variables, whole
from archcompile.spec.language import (
    BLOCK_INPUT,
    INPUT,
    Block,
    Finding,
    Row,
    Spec,
    Step,
    all_steps,
    read_allowed,
    validate,
)
from archcompile.spec.yaml import Entry, Map, Tree, empty_map, fail

MAX_NESTING = 16  # blocks inside one another
# steps and units walked for each layer allowed: bounds what `if` leaves out, and empty blocks
VISITS_A_NODE = 5


def expand(spec: Spec, max_nodes: int = MAX_NODES) -> Expanded:
    """Unroll a spec. Raises SpecError at the first thing that does not fit."""
    with told_at_use(spec.extends_at):
        return Walk(spec, max_nodes).run()


class Walk:
    def __init__(self, spec: Spec, max_nodes: int):
        self.spec, self.max_nodes = spec, max_nodes
        self.entries: dict[str, Entry] = dict(submap(spec.tree, "vars").entries)
        self.vars = variables(self.entries)
        self.sources = of_variables(self.entries, self.vars)
        self.placed: dict[str, Placed] = {}
        self.joins: list[str] = []
        self.params = 0
        self.unit = 0
        # defaults and choices of shortcut, by identity of their tree, that took effect
        self.reached: set[int] = set()
        self.visits_left = VISITS_A_NODE * max_nodes
        self.unit_count = self.count_units()
        self.changes = changed.Changes()

    # ---- the parts -------------------------------------------------------------------------------

    def run(self) -> Expanded:
        try:
            return self.expanded()
        except SpecError as error:
            raise self.changes.noted(error) from None

    def expanded(self) -> Expanded:
        cursor = self.put_input()
        parts: dict[str, str] = {}
        points: dict[str, str] = {}
        choice = self.spec.tree.get("shortcut")
        base = Scope(
            env=self.vars,
            points={},
            part=INPUT,
            shortcut=Written(tree=choice, env=self.vars, sources=self.sources) if choice else None,
            sources=self.sources,
            defaults=(
                Written(
                    tree=submap(self.spec.tree, "defaults"), env=self.vars, sources=self.sources
                ),
            ),
            allow=read_allowed(self.spec.tree.get("allow")),
        )
        for part in self.spec.parts:
            seen = {**parts, INPUT: cursor, BLOCK_INPUT: cursor}
            scope = replace(
                base, part=part.name, points=seen, env={**self.vars, **self.facts(cursor)}
            )
            if isinstance(part.content, Row):
                with told_at_use(part.content.at):
                    cursor = self.use(part.content, cursor, part.name, scope=scope, is_stage=True)
            else:
                cursor = self.steps(part.content, cursor, part.name, scope=scope)
                inner = {
                    k: v for k, v in scope.points.items() if k not in (*parts, INPUT, BLOCK_INPUT)
                }
                points.update({f"{part.name}.{name}": node for name, node in inner.items()})
            parts[part.name] = cursor
        check_shortcuts_reached(self.spec, self.reached)
        outputs = named_outputs(self.spec, cursor, {**points, **parts})
        check_nothing_lost(self.placed, outputs)
        return Expanded(
            spec=self.spec,
            placed=tuple(self.placed.values()),
            outputs=outputs,
            parts=parts,
            joins=tuple(self.joins),
            variables=self.vars,
            reached=frozenset(self.reached),
            changed=self.findings(),
        )

    def findings(self) -> tuple[Finding, ...]:
        top = read_allowed(self.spec.tree.get("allow"))
        return (
            *(replace(item, allow=top) for item in self.spec.changed),
            *self.changes.found.values(),
        )

    def put_input(self) -> str:
        tree = self.spec.tree["input"]
        values = whole_floats(evaluate(tree, self.vars))
        op = validate(
            Input, {"dims": values}, Map({"dims": Entry(tree, tree.at)}, tree.at), what="the input"
        )
        if prod(op.dims) > MAX_VALUES:
            raise fail(
                "too-large",
                f"the input would hold {prod(op.dims):,} values, at most {MAX_VALUES:,} are taken",
                tree.at,
            )
        self.placed[INPUT] = Placed(
            name=INPUT,
            op=op,
            inputs=(),
            shape=op.dims,
            at=tree.at,
            part=INPUT,
            block=None,
            unit=None,
            rule=None,
            used_at=None,
            allow=(),
            row=None,
        )
        return INPUT

    # ---- helpers ---------------------------------------------------------------------------------

    def facts(self, node: str) -> dict[str, int]:
        shape = self.placed[node].shape
        return (
            {"in_height": shape[0], "in_width": shape[1], "in_channels": shape[2]}
            if len(shape) == 3
            else {"in_channels": shape[-1]}
        )

    def repeat(self, tree: Tree | None, env: Env, sources: Sources) -> int:
        if tree is None:
            return 1
        value = evaluated(tree, env, sources)
        with told_at_source(tree, sources):
            return whole(value, tree, "`repeat`", least=1, entries=self.entries)

    def repetitions(self, tree: Tree | None, scope: Scope) -> int:
        """The `repeat` of a step or row in a list that sees `scope`."""
        if tree is not None:
            self.changes.value(
                Written(tree=tree, env=scope.env, sources=scope.sources, before=scope.before),
                scope.allow,
            )
        return self.repeat(tree, scope.env, scope.sources)

    def bind(
        self, block: Block, values: Mapping[str, Written], facts: Env, *, at: Location, scope: Scope
    ) -> Bound:
        """What the body of a block or rule sees, `scope` aside."""
        bound = bind(block, values, facts, at=at, entries=self.entries)
        for name, source in bound.sources.items():
            before = values[name].before if name in values else scope.before
            self.changes.value(
                Written(tree=source.tree, env=source.env, sources=source.sources, before=before),
                scope.allow,
            )
        return bound

    # ---- stages and blocks -----------------------------------------------------------------------

    def use(self, row: Row, cursor: str, prefix: str, *, scope: Scope, is_stage: bool) -> str:
        """Write a block out as often as its row says."""
        block = self.spec.blocks[row.block]
        many = is_stage or row.repeat is not None
        repeat = self.repetitions(row.repeat, scope)
        if repeat > self.max_nodes:
            raise misfit(
                "too-large",
                f"`repeat: {repeat}` makes more than {self.max_nodes} layers",
                row.repeat.at if row.repeat else row.at,
            )
        if scope.nesting >= MAX_NESTING:
            raise misfit(
                "too-large",
                f"blocks nested deeper than {MAX_NESTING} levels",
                row.at,
                used_at=scope.used_at,
            )
        joins = is_stage and has_join(block.body)
        for index in range(1, repeat + 1):
            self.visit(row.at)
            given, choices = unit_row(row, index, repeat)
            unit_env = self.unit_facts(index, repeat, joins) if is_stage else scope.unit_env
            facts = {**unit_env, **self.facts(cursor)}
            env = (
                {**self.vars, **facts}
                if is_stage
                else {**scope.env, "turn": index, "turns": repeat}
            )
            before = (
                {}
                if is_stage
                else changed.in_step(
                    scope, env, index, turns=repeat, counted=row.repeat is not None
                )
            )
            seen = Written(tree=row.arguments, env=env, sources=scope.sources, before=before)
            defaults = (
                (*scope.defaults, self.lasting(row.defaults, seen, is_stage))
                if row.defaults
                else scope.defaults
            )
            inner = replace(
                scope,
                points={INPUT: cursor, BLOCK_INPUT: cursor},
                unit_env=unit_env,
                block=row.block,
                used_at=row.at,
                defaults=defaults,
                unit=index if is_stage else scope.unit,
                nesting=scope.nesting + 1,
                allow=(*scope.allow, *row.allow, *block.allow),
                row=row.block if is_stage else scope.row,
                shortcut=self.lasting(choices[-1], seen, is_stage) if choices else scope.shortcut,
                overridden=overridden(scope, choices),
                before=changed.in_body(before, unit_env),
            )
            values = block_defaults(row.block, defaults)
            values.update({key: replace(seen, tree=tree) for key, tree in given.items()})
            self.reached.update(id(value.tree) for value in values.values())
            if index == 1:
                check_hidden(
                    block, row.arguments, (row.first, row.last), env=env, entries=self.entries
                )
            try:
                bound = self.bind(block, values, facts, at=row.at, scope=inner)
                inner = replace(inner, env=bound.env, sources=bound.sources)
                cursor = self.steps(
                    block.body, cursor, f"{prefix}_b{index}" if many else prefix, scope=inner
                )
            except SpecError as error:
                raise used(error, row.at) from None
        return cursor

    def unit_facts(self, index: int, repeat: int, joins: bool) -> dict[str, int]:
        """The place of the next unit of a stage; `joins` says that its block has a `shortcut`
        step.
        """
        if not joins:
            return {"index": index, "repeat": repeat}
        self.unit += 1
        return {"index": index, "repeat": repeat, "unit_index": self.unit, **self.unit_count}

    def lasting(self, tree: Tree, seen: Written, is_stage: bool) -> Written:
        """Defaults or a choice of shortcut: a stage's see the variables, a step's what all its
        values see.
        """
        if is_stage:
            return Written(tree=tree, env=self.vars, sources=self.sources)
        return replace(seen, tree=tree, before=changed.in_choice(seen.env, self.vars))

    def count_units(self) -> dict[str, int]:
        """The fact `unit_count`: units of all stages whose block has a `shortcut` step.

        Not there where a `repeat` waits for the shapes of stages before it.
        """
        rows = [p.content for p in self.spec.parts if isinstance(p.content, Row)]
        joining = [row for row in rows if has_join(self.spec.blocks[row.block].body)]
        if any(not names_in(row.repeat) <= set(self.vars) for row in joining if row.repeat):
            return {}
        return {
            "unit_count": sum(self.repeat(row.repeat, self.vars, self.sources) for row in joining)
        }

    def visit(self, at: Location, used_at: Location | None = None) -> None:
        """Count a step or unit. Raises SpecError where a spec is all detours."""
        self.visits_left -= 1
        if self.visits_left < 0:
            raise misfit(
                "too-large", "the spec takes too many steps to write out", at, used_at=used_at
            )

    # ---- steps -----------------------------------------------------------------------------------

    def steps(self, body: Iterable[Step], cursor: str, prefix: str, *, scope: Scope) -> str:
        """Walk a list of steps from `cursor`; the node it ends at."""
        count: dict[str, int] = {}
        for step in body:
            times = self.repetitions(step.repeat, scope) if step.row is None else 1
            if times > self.max_nodes:
                raise misfit(
                    "too-large",
                    f"`repeat: {times}` makes more than {self.max_nodes} layers",
                    step.at,
                    used_at=scope.used_at,
                )
            # a shortcut's `from` is where its skip path starts
            moved = step.source and step.kind != "shortcut"
            start = self.point(step.source, step, scope) if step.source and moved else cursor
            active = self.condition(step, scope)
            for turn in range(1, times + 1):
                self.visit(step.at, scope.used_at)
                count[step.kind] = count.get(step.kind, 0) + 1
                if active:
                    name = f"{prefix}_{_step_name(step, count[step.kind], turn, times=times)}"
                    start = self.step(step, start, name, scope=scope, turn=turn, turns=times)
            cursor = start
            if step.name:
                scope.points[step.name] = cursor
        return cursor

    def condition(self, step: Step, scope: Scope) -> bool:
        if step.condition is None:
            return True
        self.changes.value(
            Written(tree=step.condition, env=scope.env, sources=scope.sources, before=scope.before),
            (*scope.allow, *step.allow),
        )
        value = evaluated(step.condition, scope.env, scope.sources)
        if not isinstance(value, bool):
            with told_at_source(step.condition, scope.sources):
                raise misfit(
                    "wrong-type",
                    f"`if` must be true or false, got {in_words(value)}",
                    step.condition.at,
                    used_at=scope.used_at,
                )
        return value

    def point(self, name: str, step: Step, scope: Scope) -> str:
        if name not in scope.points:
            where = (
                f" of rule '{scope.rule}', joining in block '{scope.block}'" if scope.rule else ""
            )
            raise misfit(
                "unknown-point",
                f"no point here{where} is named '{name}'",
                step.at,
                used_at=scope.used_at,
                hint=did_you_mean(name, scope.points),
            )
        self.changes.point(name, scope, step.at, allow=(*scope.allow, *step.allow))
        return scope.points[name]

    def step(
        self, step: Step, start: str, name: str, *, scope: Scope, turn: int, turns: int
    ) -> str:
        if step.kind == "shortcut":
            return join(self, step, start, name=name, scope=scope)
        if step.row:
            with told_at_use(step.at):
                return self.use(
                    step.row,
                    start,
                    name,
                    scope=replace(scope, allow=(*scope.allow, *step.allow)),
                    is_stage=False,
                )
        env = {**scope.env, "turn": turn, "turns": turns}
        seen = replace(
            scope, env=env, before=changed.in_step(scope, env, turn, turns=turns, counted=False)
        )
        op = self.op(step, seen)
        inputs = [start, *(self.point(operand, step, scope) for operand in step.operands)]
        if step.branches is not None:
            inputs = self.branches(step.branches, start, name, scope=scope)
        *before, last = op.lowered()
        for extra in before:
            inputs = [self.put(f"{name}_{extra.kind}", extra, inputs, step=step, scope=seen)]
        return self.put(name, last, inputs, step=step, scope=seen)

    def branches(
        self, branches: Mapping[str, tuple[Step, ...]], start: str, name: str, *, scope: Scope
    ) -> list[str]:
        """The ends of lists that start where their merge would have; the points they name are seen
        below it.
        """
        env = {
            **{key: value for key, value in scope.env.items() if key not in SHAPE_FACTS},
            **self.facts(start),
        }
        before = changed.in_branch(scope, env, start)
        ends, named = [], {}
        for key, body in branches.items():
            inner = replace(scope, env=env, before=before, points={**scope.points, INPUT: start})
            ends.append(self.steps(body, start, f"{name}_{key}", scope=inner))
            named.update(
                {
                    step.name: inner.points[step.name]
                    for step in all_steps(body)
                    if step.name in inner.points
                }
            )
        scope.points.update(named)
        return ends

    def op(self, step: Step, scope: Scope) -> Op:
        values = OpValues.of(step, scope)
        self.reached.update(id(entry.value) for entry in values.tree.entries.values())
        for value in values.given.values():
            self.changes.value(value, (*scope.allow, *step.allow))
        return values.op()

    def put(self, name: str, op: Op, inputs: list[str], *, step: Step, scope: Scope) -> str:
        """Enter a node. Raises SpecError where its inputs do not fit, with the lines that produced
        them.
        """
        if name in self.placed:
            raise misfit(
                "name-taken",
                f"two nodes would be called '{name}'",
                step.at,
                used_at=scope.used_at,
                hint="name the step",
                notes=(("first here", self.placed[name].at),),
            )
        if len(self.placed) >= self.max_nodes:
            raise misfit(
                "too-large",
                f"the network has more than {self.max_nodes} layers",
                step.at,
                used_at=scope.used_at,
            )
        least, most = op.arity
        if len(inputs) < least or (most is not None and len(inputs) > most):
            wanted = f"{least}" if least == most else f"at least {least}"
            raise misfit(
                "wrong-type",
                f"{op.kind} takes {wanted} inputs, got {len(inputs)}",
                step.at,
                used_at=scope.used_at,
            )
        shapes = tuple(self.placed[i].shape for i in inputs)
        try:
            shape = op.shape(*shapes)
        except ShapeError as error:
            notes = tuple(
                (f"{show(self.placed[i].shape)} comes from {i}", self.placed[i].at) for i in inputs
            )
            raised = misfit(
                error.code,
                f"{name}: {error.message}",
                step.at,
                used_at=scope.used_at,
                hint=error.hint,
                notes=notes,
            )
            values = OpValues.of(step, scope)
            raise SpecError([values.blamed(d, error, shapes) for d in raised.diagnostics]) from None
        if prod(shape) > MAX_VALUES:
            raise misfit(
                "too-large",
                f"{name} would hold {prod(shape):,} values for one image, at most {MAX_VALUES:,} "
                "are "
                "taken",
                step.at,
                used_at=scope.used_at,
            )
        self.params += sum(prod(weight.shape) for weight in op.weights(*shapes))
        if self.params > MAX_PARAMS:
            raise misfit(
                "too-large",
                f"with {name} the network has {self.params:,} parameters, at most {MAX_PARAMS:,} "
                "are "
                "taken",
                step.at,
                used_at=scope.used_at,
            )
        self.placed[name] = Placed(
            name=name,
            op=op,
            inputs=tuple(inputs),
            shape=shape,
            at=step.at,
            part=scope.part,
            block=scope.block,
            unit=scope.unit,
            rule=scope.rule,
            used_at=scope.used_at,
            allow=(*scope.allow, *step.allow),
            row=scope.row,
        )
        return name


# ---- small things --------------------------------------------------------------------------------


def submap(tree: Tree, key: str) -> Map:
    value = tree.get(key) if isinstance(tree, Map) else None
    return value if isinstance(value, Map) else empty_map(tree.at)


def block_defaults(name: str, defaults: tuple[Written, ...]) -> dict[str, Written]:
    return {
        key: replace(level, tree=tree)
        for level in defaults
        for key, tree in submap(level.tree, name).items()
    }


def used(error: SpecError, at: Location) -> SpecError:
    """An error that names the row at `at`, which used a block, where the block speaks of what is
    not known there.
    """
    note = ("used here", at)
    return SpecError(
        [
            replace(d, notes=(*d.notes, note))
            if d.code == "unknown-name" and note not in d.notes
            else d
            for d in error.diagnostics
        ]
    )


def _step_name(step: Step, count: int, turn: int, *, times: int) -> str:
    if step.name:
        return f"{step.name}{turn}" if times > 1 else step.name
    if step.kind == "shortcut":
        return "shortcut" if count == 1 else f"shortcut{count}"
    return f"{step.kind}{count}"
