"""How a unit joins its shortcut: a rule is chosen outside the block and ends in a join.

The rule starts at the unit's input, or where the `shortcut` step says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.ops import ceil_div, show
from archcompile.spec.check import choice_name
from archcompile.spec.expansion import changed_meaning
from archcompile.spec.expansion.scope import Scope, Written, misfit
from archcompile.spec.expansion.walk_state import State
from archcompile.spec.expressions import Env, names_in
from archcompile.spec.language import BLOCK_INPUT, INPUT, Block, Step
from archcompile.spec.yaml import Map


class WriteSteps(Protocol):
    """Writes a list of steps out from `cursor`; the node it ends in."""

    def __call__(self, body: Iterable[Step], cursor: str, *, prefix: str, scope: Scope) -> str: ...


def join(
    state: State,
    step: Step,
    branch: str,
    *,
    name: str,
    scope: Scope,
    write_steps: WriteSteps,
) -> str:
    """Join the shortcut of a unit to `branch` by the rule chosen for it; the node it ends in.

    Raises SpecError where no rule is chosen, or the rule does not fit.
    """
    choice = _choice(state, step, scope)
    chosen = choice_name(choice.tree) or ""
    if "none" in (chosen, choice_name(state.spec.tree.get("shortcut"))):
        return branch
    start = state.point(step.source, step, scope) if step.source else scope.points[BLOCK_INPUT]
    unit = _Join(
        state=state,
        step=step,
        start=start,
        branch=branch,
        name=name,
        scope=scope,
        write_steps=write_steps,
    )
    end = unit.apply_or_explain(state.spec.rules[chosen], choice)
    state.network.joins.append(end)
    return end


def _choice(state: State, step: Step, scope: Scope) -> Written:
    """The choice of a rule that holds for a `shortcut` step; notes all that have been reached."""
    choice = scope.shortcut or _choice_of_step(state, step, scope)
    reached = (choice and choice.tree, state.spec.tree.get("shortcut"), *scope.overridden)
    state.reached.update(id(tree) for tree in reached if tree is not None)
    if choice is None:
        rules = ", ".join([*state.spec.rules, "none"])
        raise misfit(
            "no-shortcut-rule",
            f"no rule says how the shortcut of '{scope.block}' joins",
            step.at,
            used_at=scope.used_at,
            hint=f"add `shortcut: RULE` to the spec or the stage: {rules}",
        )
    return choice


def _choice_of_step(state: State, step: Step, scope: Scope) -> Written | None:
    """The `rule` of a `shortcut` step, which sees what the values of a step see."""
    tree = step.attributes.get("rule")
    if tree is None:
        return None
    env = {**scope.env, "turn": 1, "turns": 1}
    before = changed_meaning.in_choice(env, state.variables)
    return Written(tree=tree, env=env, sources=scope.sources, before=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Join:
    """One place where a shortcut joins: the skip path from `start` to `branch`."""

    state: State
    step: Step
    start: str
    branch: str
    name: str
    scope: Scope
    write_steps: WriteSteps

    def apply_or_explain(self, rule: Block, choice: Written) -> str:
        """Write the chosen rule out; the node it ends in. A mistake leaves nothing behind."""
        tree, count = choice.tree, len(self.state.network)
        arguments = tree.entries[rule.name].value if isinstance(tree, Map) else None
        try:
            given = replace(choice, tree=arguments) if arguments else None
            return self.apply(rule, given, tree.at)
        except SpecError as error:
            self.state.network.cut_back(count)
            raise SpecError([self.explain(d, rule, tree.at) for d in error.diagnostics]) from None

    def apply(self, rule: Block, choice: Written | None, at: Location) -> str:
        """Write the rule out, as chosen at `at`; the node it ends in."""
        state, scope, count = self.state, self.scope, len(self.state.network)
        facts = {**scope.unit_env, **state.network.facts(self.start), **self._facts(rule)}
        before = changed_meaning.in_body(scope.before, scope.unit_env)
        inner = replace(
            scope,
            points={**scope.points, INPUT: self.start, "branch": self.branch},
            rule=rule.name,
            used_at=scope.used_at or self.step.at,
            allow=(*scope.allow, *self.step.allow, *rule.allow),
            before=before,
        )
        arguments = self._arguments(choice, before)
        bound = state.bind(rule, arguments, facts, at=at, scope=inner)
        inner = replace(inner, env=bound.env, sources=bound.sources)
        end = self.write_steps(rule.body, self.start, prefix=self.name, scope=inner)
        self._check(rule, end, set(state.network.nodes_since(count)))
        return end

    def _arguments(self, choice: Written | None, before: Env) -> dict[str, Written]:
        """The arguments of a choice, which see what is known where it stands, and the unit."""
        if choice is None or not isinstance(choice.tree, Map):
            return {}
        env = {**choice.env, **self.scope.unit_env}
        in_unit = replace(choice, env=env, before={**choice.before, **before})
        return {name: replace(in_unit, tree=tree) for name, tree in choice.tree.items()}

    def _facts(self, rule: Block) -> dict[str, Any]:
        """What a rule sees of the join: `out_channels`, `shape_changes`, `stride` between maps."""
        start, end = self.state.network.shape(self.start), self.state.network.shape(self.branch)
        facts: dict[str, Any] = {"out_channels": end[-1], "shape_changes": start != end}
        if not len(start) == len(end) == 3:
            return facts
        # the least that makes neither side too long
        stride = max(ceil_div(start[0], end[0]), ceil_div(start[1], end[1]))
        if (ceil_div(start[0], stride), ceil_div(start[1], stride)) == end[:2]:
            return {**facts, "stride": stride}
        if any("stride" in names_in(step.attributes) for step in rule.body):
            raise misfit(
                "shape-mismatch",
                f"no stride turns {show(start)} into {show(end)}",
                self.step.at,
                used_at=self.scope.used_at,
                hint="the branch must keep the height and width, or divide them by a whole number",
            )
        return facts

    def _check(self, rule: Block, end: str, inside: set[str]) -> None:
        """Raises SpecError unless the rule's result is made from the branch and has its shape.

        The shape may be another one where the rule says that it changes it.
        """
        nodes = self.state.network.nodes
        todo, reached = [end], set()
        while todo:
            node = todo.pop()
            reached.add(node)
            if node in inside:
                todo += [source for source in nodes[node].inputs if source not in reached]
        if end == self.branch or self.branch not in reached:
            raise misfit(
                "rule-drops-branch",
                f"the rule '{rule.name}' does not join the branch",
                rule.at,
                used_at=self.scope.used_at,
                hint="end it in a step such as `add: {with: branch}`",
            )
        shape, expected = nodes[end].shape, nodes[self.branch].shape
        if shape != expected and not rule.changes_shape:
            raise misfit(
                "shape-mismatch",
                f"the rule '{rule.name}' ends in {show(shape)}, the branch is {show(expected)}",
                rule.at,
                used_at=self.scope.used_at,
                hint="`changes_shape: true` beside its `body` says that this is meant",
            )

    # ---- mistakes --------------------------------------------------------------------------------

    def explain(self, diagnostic: Diagnostic, rule: Block, chosen_at: Location) -> Diagnostic:
        """A mistake in a rule, with the place that chose it and, for shapes, rules that fit."""
        places = (diagnostic.location, *(place for _, place in diagnostic.notes))
        if chosen_at not in places:
            notes = (*diagnostic.notes, ("the rule is chosen here", chosen_at))
            diagnostic = replace(diagnostic, notes=notes)
        if diagnostic.code != "shape-mismatch":
            return diagnostic
        others = (each for each in self.state.spec.rules.values() if each is not rule)
        rules = [each for each in others if not each.changes_shape]
        fitting = [each.name for each in rules if self._fits(each)]
        hint = diagnostic.hint or "no rule in scope joins these shapes"
        if fitting:
            hint = f"rules that would join them: {', '.join(fitting)}"
        return replace(diagnostic, hint=hint)

    def _fits(self, rule: Block) -> bool:
        """Whether a rule would join these shapes; nothing of it stays."""
        count = len(self.state.network)
        try:
            self.apply(rule, None, self.step.at)
        except SpecError:
            return False
        finally:
            self.state.network.cut_back(count)
        return True
