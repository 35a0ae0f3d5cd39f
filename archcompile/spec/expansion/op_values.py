"""The attributes of one op in its place, evaluated, and mistakes in them explained.

They come from the nearest defaults and from the step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from archcompile.errors import Diagnostic, Location, ShapeError, SpecError
from archcompile.ops import REGISTRY, Op, Shape
from archcompile.spec.check import (
    evaluate_from,
    expression_at,
    hint_of_fitting,
    move_to_source,
    place_given,
)
from archcompile.spec.expansion.bind import numbers
from archcompile.spec.expansion.scope import Scope, Written
from archcompile.spec.expressions import evaluate, value_words
from archcompile.spec.language import Step, validate
from archcompile.spec.yaml import Entry, Map, submap

# another number would do, and may be worth naming
CODES_OF_NUMBERS = ("not-whole", "groups-do-not-divide", "shape-mismatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpValues:
    """What an op is made of: its attributes as written, with the names that each may use."""

    kind: str
    tree: Map
    given: dict[str, Written]
    used_at: Location | None

    @staticmethod
    def of(step: Step, scope: Scope) -> "OpValues":
        """The attributes that hold for a step, whose own see the names of `scope`."""
        entries: dict[str, Entry] = {}
        given: dict[str, Written] = {}
        of_step = Written(
            tree=Map({step.kind: Entry(step.attributes, step.at)}, step.at),
            env=scope.env,
            sources=scope.sources,
            before=scope.before,
        )
        for level in (*scope.defaults, of_step):
            values = submap(level.tree, step.kind)
            entries.update(values.entries)
            given.update({key: replace(level, tree=tree) for key, tree in values.items()})
        return OpValues(
            kind=step.kind, tree=Map(entries, step.at), given=given, used_at=scope.used_at
        )

    def op(self) -> Op:
        """The op. Raises SpecError where a value does not fit, at the place where it was given."""
        values = {key: self._value(key) for key in self.given}
        try:
            return self._validate(values)
        except SpecError as error:
            raise SpecError([self._explain(d, values) for d in error.diagnostics]) from None

    def blame_value(
        self, diagnostic: Diagnostic, error: ShapeError, shapes: Sequence[Shape]
    ) -> Diagnostic:
        """A shape that does not fit, at the value given to the block, if another would mend it."""
        check = self._shape_check(shapes)
        for key in error.attributes:
            if key in self.given:
                at_value = replace(diagnostic, location=self.given[key].tree.at)
                moved = self._move_to_source(at_value, key, check)
                if moved.location != at_value.location:
                    return moved
        return diagnostic

    def place_of(self, key: str) -> Location | None:
        """Where a value was given: in the step, in defaults, or what handed it on; None if not."""
        value = self.given.get(key)
        return place_given(value.tree, value.sources) if value else None

    def _value(self, key: str) -> Any:
        value = self.given[key]
        return evaluate_from(value.tree, value.env, value.sources)

    def _validate(self, values: dict[str, Any]) -> Op:
        return validate(REGISTRY[self.kind], numbers(values), self.tree, what=f"'{self.kind}'")

    def _explain(self, diagnostic: Diagnostic, values: dict[str, Any]) -> Diagnostic:
        """A mistake in an attribute, with the row that used the block and what would fit."""
        used = (("used here", self.used_at),) if self.used_at else ()
        diagnostic = replace(diagnostic, notes=(*diagnostic.notes, *used))
        for key, value in values.items():
            at_value = self.given[key].tree.at == diagnostic.location
            if at_value and isinstance(value, Fraction) and "whole number" in diagnostic.message:
                message = f"'{key}': expected a whole number, got {value_words(value)}"
                diagnostic = replace(diagnostic, code="not-whole", message=message)
            place = diagnostic.location
            diagnostic = self._move_to_source(diagnostic, key, self._validate)
            if diagnostic.location != place:
                return diagnostic
        return diagnostic

    def _move_to_source(
        self, diagnostic: Diagnostic, key: str, check: Callable[[dict[str, Any]], object]
    ) -> Diagnostic:
        """The mistake where an attribute was given, with the nearest numbers that `check` takes."""
        value = self.given[key]
        moved = move_to_source(diagnostic, value.tree, value.sources)
        if (
            moved.location == diagnostic.location
            or moved.hint
            or diagnostic.code not in CODES_OF_NUMBERS
        ):
            return moved

        def fits(name: str, number: Any) -> bool:
            try:
                changed = evaluate(value.tree, {**value.env, name: number})
                check({**{k: self._value(k) for k in self.given}, key: changed})
            except (SpecError, ShapeError):
                return False
            return True

        leaf = expression_at(value.tree, diagnostic.location) or value.tree
        return replace(moved, hint=hint_of_fitting(leaf, value.sources, fits))

    def _shape_check(self, shapes: Sequence[Shape]) -> Callable[[dict[str, Any]], object]:
        return lambda values: self._validate(values).lower()[-1].shape(*shapes)
