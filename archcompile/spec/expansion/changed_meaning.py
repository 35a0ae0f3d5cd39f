"""What a file means otherwise than before turns and branches had their rules (meaning-changed).

The walk keeps in `Scope.before` what a name meant then, where that differs. To be taken out with
the next version of archc.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archcompile.errors import Location, SpecError
from archcompile.spec.expansion.scope import Scope, Written
from archcompile.spec.expressions import (
    SHAPE_FACTS,
    Env,
    evaluate,
    expressions_in,
    names_in,
    value_words,
)
from archcompile.spec.language import BLOCK_INPUT, INPUT, Allowed, Finding, finding
from archcompile.spec.yaml import Scalar

UNIT = ("index", "repeat")
NOTED = 5  # changes that an error names


@dataclass(slots=True)
class Changes:
    """The changes met while a spec is written out, one a place."""

    findings: dict[Location, Finding] = field(default_factory=dict)

    def note_value(self, written: Written, allow: tuple[Allowed, ...]) -> None:
        """Note the expressions of a value that would have been worked out otherwise."""
        env, before = written.env, written.before
        for leaf in expressions_in(written.tree) if before else ():
            changed = sorted(names_in(leaf) & before.keys() & env.keys())
            if changed and leaf.at not in self.findings and _differs(leaf, env, before):
                name = changed[0]
                self.findings[leaf.at] = finding(
                    "meaning-changed",
                    _meaning(name, env, before),
                    leaf.at,
                    allow=allow,
                    hint=_mend(name, env),
                )

    def note_point(
        self, name: str, scope: Scope, at: Location, *, allow: tuple[Allowed, ...]
    ) -> None:
        """Note an `input` that would have been another point."""
        if name == INPUT and INPUT in scope.before and at not in self.findings:
            meaning = (
                f"`input` in a branch is the branch's start, {scope.points[INPUT]}; it was that "
                f"of the list around it, {scope.before[INPUT]}"
            )
            self.findings[at] = finding(
                "meaning-changed",
                meaning,
                at,
                allow=allow,
                hint=f"write `{BLOCK_INPUT}` for the old meaning",
            )

    def with_changes(self, error: SpecError) -> SpecError:
        """An error with the changes that may have led to it."""
        shown_first = list(self.findings.items())[:NOTED]
        notes = tuple((change.diagnostic.message, at) for at, change in shown_first)
        first, *rest = error.diagnostics
        return SpecError([replace(first, notes=(*first.notes, *notes)), *rest])


def _differs(leaf: Scalar, env: Env, before: Env) -> bool:
    try:
        return bool(evaluate(leaf, {**env, **before}) != evaluate(leaf, env))
    except SpecError:  # wrong now: reported by the walk; wrong then: no file says it
        return False


def _meaning(name: str, env: Env, before: Env) -> str:
    now, then = value_words(env[name]), value_words(before[name])
    if name in UNIT:
        return (
            f"`{name}` is that of the stage's unit, {now}; it was that of the repeated block "
            f"step, {then}"
        )
    if name in SHAPE_FACTS:
        return (
            f"`{name}` in a branch is that of the branch's start, {now}; it was that of the "
            f"list around it, {then}"
        )
    return f"`{name}` is the block's own, {now}; it was the spec's variable, {then}"


def _mend(name: str, env: Env) -> str:
    if name in UNIT:
        word = "turn" if name == "index" else "turns"
        if "in_channels" not in env:  # a rule that the spec or a stage chooses
            return f"for the old value, choose the rule in the block step, with `${word}`"
        if "turn" in env:
            return f"write `{word}` for the old value"
        return f"for the old value, pass the block an argument: `${word}`"
    if name in SHAPE_FACTS:
        return (
            "for the old value, write the number or, in a block, an argument whose default is "
            f"`${name}`"
        )
    return "blocks do not see variables: for the old value, pass the block another argument"


# ---- what names meant ----------------------------------------------------------------------------


def in_step(scope: Scope, env: Env, turn: int, *, turns: int, counted: bool) -> dict[str, Any]:
    """For the values of a step; a block step with a `repeat` (`counted`) had its own `index`."""
    then = dict(scope.before)
    if counted:
        then |= {"index": turn, "repeat": turns}
    return {name: value for name, value in then.items() if env.get(name, value) != value}


def in_body(before: Env, unit_env: Env) -> dict[str, Any]:
    """For the body of a block: the count of the innermost repeated step around it."""
    return {
        name: before[name]
        for name in UNIT
        if name in before and unit_env.get(name, before[name]) != before[name]
    }


def in_branch(scope: Scope, env: Env, start: str) -> dict[str, Any]:
    """For a branch that starts at `start` and sees `env`: start and shape of the list around it."""
    then: Mapping[str, Any] = {**scope.env, INPUT: scope.points[INPUT], **scope.before}
    now: Mapping[str, Any] = {**env, INPUT: start}
    kept = {name: scope.before[name] for name in UNIT if name in scope.before}
    return kept | {
        name: then[name]
        for name in (*SHAPE_FACTS, INPUT)
        if name in then and then[name] != now.get(name)
    }


def in_choice(env: Env, variables: Env) -> dict[str, Any]:
    """For defaults and choices of shortcut in a block, which saw the spec's variables instead."""
    return {name: value for name, value in variables.items() if env.get(name, value) != value}
