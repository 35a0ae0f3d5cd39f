"""What is kept while a spec is written out: its variables, the network so far, what took effect."""

from collections.abc import Mapping
from dataclasses import replace

from archcompile.errors import Location, did_you_mean
from archcompile.spec.check import Sources, evaluate_from, mistakes_at_source, sources_of_variables
from archcompile.spec.expansion.bind import Bound, bind, in_words
from archcompile.spec.expansion.changed_meaning import Changes
from archcompile.spec.expansion.network import Network
from archcompile.spec.expansion.row_units import has_join
from archcompile.spec.expansion.scope import Scope, ValueUse, Written, misfit
from archcompile.spec.expressions import Env, is_expression, names_in, variables, whole
from archcompile.spec.language import (
    Allowed,
    Block,
    Finding,
    PointName,
    Row,
    Spec,
    Step,
    read_allowed,
)
from archcompile.spec.yaml import Entry, Scalar, Tree, submap

# steps and units walked for each layer allowed: bounds what `if` leaves out, and empty blocks
VISITS_A_NODE = 5


class State:
    """What one expansion keeps. `reached` are trees by identity: see `Expanded`."""

    def __init__(self, spec: Spec, max_nodes: int):
        self.spec, self.max_nodes = spec, max_nodes
        self.entries: dict[str, Entry] = dict(submap(spec.tree, "vars").entries)
        self.variables = variables(self.entries)
        self.sources = sources_of_variables(self.entries, self.variables)
        self.network = Network(max_nodes)
        self.reached: set[int] = set()
        self.changes = Changes()
        self.uses: list[ValueUse] = []
        self.ends: list[tuple[Location, str]] = []
        self.allow = read_allowed(spec.tree.get("allow"))
        self._visits_left = VISITS_A_NODE * max_nodes
        self._units = 0
        self._unit_count = self._count_units()

    def visit(self, at: Location, used_at: Location | None = None) -> None:
        """Count a step or unit. Raises SpecError where a spec is all detours."""
        self._visits_left -= 1
        if self._visits_left < 0:
            message = "the spec takes too many steps to expand"
            raise misfit("too-large", message, at, used_at=used_at)

    def findings(self) -> tuple[Finding, ...]:
        """What the spec means otherwise than before."""
        merged = (replace(finding, allow=self.allow) for finding in self.spec.changed)
        return (*merged, *self.changes.findings.values())

    # ---- units -----------------------------------------------------------------------------------

    def unit_facts(self, index: int, repeat: int, *, joins: bool) -> dict[str, int]:
        """The place of the next unit of a stage; `joins`: its block has a `shortcut` step."""
        facts = {"index": index, "repeat": repeat}
        if not joins:
            return facts
        self._units += 1
        return {**facts, "unit_index": self._units, **self._unit_count}

    def _count_units(self) -> dict[str, int]:
        """The fact `unit_count`: units of all stages whose block has a `shortcut` step.

        It is missing where a `repeat` needs the shapes of stages before it.
        """
        rows = [part.row for part in self.spec.parts if part.row]
        joining = [row for row in rows if has_join(self.spec.blocks[row.block].body)]
        if any(not names_in(row.repeat) <= set(self.variables) for row in joining if row.repeat):
            return {}
        repeats = [self._repeat(row.repeat, self.variables, self.sources) for row in joining]
        return {"unit_count": sum(repeats)}

    # ---- values ----------------------------------------------------------------------------------

    def note_value(self, value: Written, scope: Scope, allow: tuple[Allowed, ...]) -> None:
        """Note a value that is about to be worked out in `scope`."""
        self.changes.note_value(value, allow)
        if not isinstance(value.tree, Scalar) or is_expression(value.tree.value):
            self.uses.append((scope.part, scope.unit, value))

    def repeat(self, tree: Tree | None, scope: Scope, *, least: int = 1) -> int:
        """The `repeat` of a step or row in a list that sees `scope`."""
        if tree is not None:
            self.note_value(value_in_scope(tree, scope), scope, scope.allow)
        return self._repeat(tree, scope.env, scope.sources, least=least)

    def turns(self, step: Step, scope: Scope, is_active: bool) -> int:
        """How often a step is written out, as its `repeat` says; a block is, as a whole, once.

        Where the `if` is false, the `repeat` may be 0.
        """
        if step.row is None:
            return self.repeat(step.repeat, scope, least=int(is_active))
        if not is_active:
            self.repeat(step.row.repeat, scope, least=0)
        return 1

    def _repeat(self, tree: Tree | None, env: Env, sources: Sources, *, least: int = 1) -> int:
        if tree is None:
            return 1
        value = evaluate_from(tree, env, sources)
        with mistakes_at_source(tree, sources):
            return whole(value, tree, "`repeat`", least=least, entries=self.entries)

    def is_active(self, step: Step, scope: Scope) -> bool:
        """Whether the `if` of a step holds; without one it does."""
        if step.condition is None:
            return True
        self.note_value(value_in_scope(step.condition, scope), scope, _codes_allowed(step, scope))
        value = evaluate_from(step.condition, scope.env, scope.sources)
        if isinstance(value, bool):
            return value
        with mistakes_at_source(step.condition, scope.sources):
            raise misfit(
                "wrong-type",
                f"`if`: expected true or false, got {in_words(value)}",
                step.condition.at,
                used_at=scope.used_at,
            )

    def point(self, point: PointName, step: Step | Row, scope: Scope) -> str:
        """The node at a point that a step or row names. Raises SpecError (unknown-point)."""
        name = point.name
        if name not in scope.points:
            in_rule = f" of rule '{scope.rule}', joining in block '{scope.block}'"
            raise misfit(
                "unknown-point",
                f"no point here{in_rule if scope.rule else ''} is named '{name}'",
                point.at,
                used_at=scope.used_at,
                hint=did_you_mean(name, scope.points),
            )
        self.changes.note_point(name, scope, step.at, allow=_codes_allowed(step, scope))
        return scope.points[name]

    def bind(
        self, block: Block, values: Mapping[str, Written], facts: Env, *, at: Location, scope: Scope
    ) -> Bound:
        """What the body of a block or rule sees, `scope` aside."""
        bound = bind(block, values, facts, at=at, entries=self.entries)
        for name, source in bound.sources.items():
            before = values[name].before if name in values else scope.before
            value = Written(tree=source.tree, env=source.env, sources=source.sources, before=before)
            self.note_value(value, scope, scope.allow)
        return bound


def value_in_scope(tree: Tree, scope: Scope) -> Written:
    """A value that stands in a list which sees `scope`."""
    return Written(tree=tree, env=scope.env, sources=scope.sources, before=scope.before)


def _codes_allowed(step: Step | Row, scope: Scope) -> tuple[Allowed, ...]:
    return (*scope.allow, *step.allow)
