"""How a unit joins its shortcut: a rule is chosen outside the block, starts at the unit's input and
ends in a join.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.ops import show
from archcompile.spec.check import choice_name
from archcompile.spec.expansion import changed_meaning as changed
from archcompile.spec.expansion.scope import Scope, Written, misfit
from archcompile.spec.expressions import Env, names_in
from archcompile.spec.language import BLOCK_INPUT, INPUT, Block, Step
from archcompile.spec.yaml import Map

if TYPE_CHECKING:
    from archcompile.spec.expansion.walk import Walk


def join(walk: "Walk", step: Step, branch: str, *, name: str, scope: Scope) -> str:
    """Join the shortcut of a unit to `branch` by the rule chosen for it; the node it ends in.
    Raises SpecError.
    """
    whole_spec = walk.spec.tree.get("shortcut")
    choice = scope.shortcut or own_choice(walk, step, scope)
    reached = (choice and choice.tree, whole_spec, *scope.overridden)
    walk.reached.update(id(tree) for tree in reached if tree is not None)
    rules = walk.spec.rules
    if choice is None:
        raise misfit(
            "no-shortcut-rule",
            f"no rule says how the shortcut of '{scope.block}' joins",
            step.at,
            used_at=scope.used_at,
            hint=f"add `shortcut: RULE` to the spec or the stage: {', '.join([*rules, 'none'])}",
        )
    tree = choice.tree
    chosen = choice_name(tree) or ""
    if chosen == "none" or choice_name(whole_spec) == "none":
        return branch
    given = tree.entries[chosen].value if isinstance(tree, Map) else None
    unit = _Unit(walk, step, branch, name=name, scope=scope)
    try:
        with unit.undone_on_error():
            end = unit.apply(rules[chosen], replace(choice, tree=given) if given else None, tree.at)
    except SpecError as error:
        raise SpecError(
            [unit.explained(d, rules[chosen], tree.at) for d in error.diagnostics]
        ) from None
    walk.joins.append(end)
    return end


def own_choice(walk: "Walk", step: Step, scope: Scope) -> Written | None:
    """The `rule` of a `shortcut` step, which sees what the values of a step see."""
    tree = step.attributes.get("rule")
    if tree is None:
        return None
    env = {**scope.env, "turn": 1, "turns": 1}
    return Written(
        tree=tree, env=env, sources=scope.sources, before=changed.in_choice(env, walk.vars)
    )


class _Unit:
    """One place where a shortcut joins."""

    def __init__(self, walk: "Walk", step: Step, branch: str, *, name: str, scope: Scope):
        self.walk, self.step, self.branch, self.name, self.scope = walk, step, branch, name, scope
        self.origin = (
            walk.point(step.source, step, scope) if step.source else scope.points[BLOCK_INPUT]
        )

    def apply(self, rule: Block, given: Written | None, at: Location) -> str:
        """Write the rule out, as chosen at `at`; the node it ends in."""
        walk, scope = self.walk, self.scope
        seen = {**scope.unit_env, **walk.facts(self.origin), **self.facts(rule)}
        allow = (*scope.allow, *self.step.allow, *rule.allow)
        before = changed.in_body(scope.before, scope.unit_env)
        bound = walk.bind(
            rule,
            self.arguments(given, before),
            seen,
            at=at,
            scope=replace(scope, before=before, allow=allow),
        )
        points = {**scope.points, INPUT: self.origin, "branch": self.branch}
        first = len(walk.placed)
        used_at = scope.used_at or self.step.at
        inner = replace(
            scope,
            env=bound.env,
            sources=bound.sources,
            points=points,
            rule=rule.name,
            used_at=used_at,
            allow=allow,
            before=before,
        )
        end = walk.steps(rule.body, self.origin, self.name, scope=inner)
        self.check(rule, end, self.made(first))
        return end

    def arguments(self, given: Written | None, before: Env) -> dict[str, Written]:
        """The arguments of a choice, each with the names it sees: those known where it stands, and
        the unit's place.
        """
        if given is None or not isinstance(given.tree, Map):
            return {}
        placed = replace(
            given, env={**given.env, **self.scope.unit_env}, before={**given.before, **before}
        )
        return {name: replace(placed, tree=tree) for name, tree in given.tree.items()}

    def facts(self, rule: Block) -> dict[str, Any]:
        """What a rule sees of the join: `out_channels`, `shape_changes`, and the `stride` between
        two maps.
        """
        start, end = self.walk.placed[self.origin].shape, self.walk.placed[self.branch].shape
        facts: dict[str, Any] = {"out_channels": end[-1], "shape_changes": start != end}
        if len(start) == len(end) == 3:
            # the least that makes neither side too long
            stride = max(-(-start[0] // end[0]), -(-start[1] // end[1]))
            if (-(-start[0] // stride), -(-start[1] // stride)) == end[:2]:
                facts["stride"] = stride
            elif any("stride" in names_in(step.attributes) for step in rule.body):
                raise misfit(
                    "shape-mismatch",
                    f"no stride takes {show(start)} to {show(end)}",
                    self.step.at,
                    used_at=self.scope.used_at,
                    hint="the branch must keep the height and width, or divide them by a whole "
                    "number",
                )
        return facts

    def check(self, rule: Block, end: str, made: list[str]) -> None:
        """Raises SpecError unless the rule's result is made from the branch and has its shape."""
        placed = self.walk.placed
        inside, todo, seen = set(made), [end], set()
        while todo:
            node = todo.pop()
            seen.add(node)
            todo += [i for i in placed[node].inputs if i not in seen] if node in inside else []
        if end == self.branch or self.branch not in seen:
            raise misfit(
                "rule-drops-branch",
                f"the rule '{rule.name}' does not join the branch",
                rule.at,
                used_at=self.scope.used_at,
                hint="end it in a step such as `add: {with: branch}`",
            )
        if placed[end].shape != placed[self.branch].shape:
            raise misfit(
                "shape-mismatch",
                f"the rule '{rule.name}' ends in {show(placed[end].shape)}, the branch is "
                f"{show(placed[self.branch].shape)}",
                rule.at,
                used_at=self.scope.used_at,
            )

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        first = len(self.walk.placed)
        try:
            yield
        except SpecError:
            self.forget(first)
            raise

    def made(self, first: int) -> list[str]:
        """The nodes placed since there were `first`; read from the end, so that it costs what it
        finds.
        """
        return list(islice(reversed(self.walk.placed), len(self.walk.placed) - first))

    def forget(self, first: int) -> None:
        for name in self.made(first):
            del self.walk.placed[name]
        self.walk.joins = [name for name in self.walk.joins if name in self.walk.placed]

    def explained(self, found: Diagnostic, rule: Block, chosen_at: Location) -> Diagnostic:
        """A mistake in a rule, with the place that chose it and, for shapes, the rules that would
        fit.
        """
        if chosen_at not in (found.location, *(place for _, place in found.notes)):
            found = replace(found, notes=(*found.notes, ("the rule is chosen here", chosen_at)))
        return self.with_rules(found, rule)

    def with_rules(self, found: Diagnostic, rule: Block) -> Diagnostic:
        """A shape error with the rules that would join these shapes."""
        if found.code != "shape-mismatch":
            return found
        fitting = [
            other.name
            for other in self.walk.spec.rules.values()
            if other is not rule and self.fits(other)
        ]
        hint = (
            f"rules that would join them: {', '.join(fitting)}"
            if fitting
            else found.hint or "no rule in scope joins these shapes"
        )
        return replace(found, hint=hint)

    def fits(self, rule: Block) -> bool:
        first = len(self.walk.placed)
        try:
            self.apply(rule, None, self.step.at)
        except SpecError:
            return False
        finally:
            self.forget(first)
        return True
