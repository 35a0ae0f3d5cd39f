"""What a comparison by numbers gives: every compared quantity, and the verdict."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

# reasons why a gradient tells nothing, where others of its layer tell something
VANISHED = "zero but for rounding whatever the weights"
# follows the kind of a quantity that the candidate's own order of sums and products gives
OTHER_ORDER = "in another order"
ROUNDED, ZERO_BESIDE = "zero but for rounding", "zero where others of its layer are not"


class Verdict(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One compared tensor.

    `kind` is `weight`, `op` (a layer's output, both layers fed the same), `op state` (what that
    call made of the moving statistics), `output`, `state`, `loss` or `gradient`, or, with
    OTHER_ORDER behind it, what one of these was in the candidate's own order of operands;
    `mode` is `inference` or `training` (empty for weights). `difference` is max |candidate -
    reference| / max |reference|.
    """

    kind: str
    mode: str
    name: str
    difference: float
    verdict: Verdict
    reason: str = ""

    @property
    def is_vanishing(self) -> bool:
        """Whether it is a gradient that is zero, but for rounding, beside others of its layer."""
        return self.kind == "gradient" and self.reason in (ROUNDED, ZERO_BESIDE)

    def __str__(self) -> str:
        label = " ".join(filter(None, (self.kind, self.name, self.mode and f"({self.mode})")))
        reason = f", {self.reason}" if self.reason else ""
        return f"{label}: {self.verdict.value}{reason}, {self.difference:.1e}"


@dataclass(frozen=True, slots=True)
class Report:
    """Every compared quantity, and what they say together."""

    quantities: tuple[Quantity, ...]
    tolerance: float  # of weights and single ops
    whole: float  # of what the models as wholes give

    @property
    def verdict(self) -> Verdict:
        """DIFFERENT if anything differs, else CANNOT_TELL if anything tells nothing, else EQUAL."""
        if self._with(Verdict.DIFFERENT):
            return Verdict.DIFFERENT
        return Verdict.CANNOT_TELL if self.uninformative else Verdict.EQUAL

    @property
    def uninformative(self) -> tuple[Quantity, ...]:
        """The quantities that showed nothing, in this mode or the other.

        Batch normalisation in training mode takes away whatever constant was added before it. The
        gradient of a bias there is zero but for rounding; inference mode is where such a bias
        shows.
        """
        equal = {(q.kind, q.name) for q in self._with(Verdict.EQUAL)}
        silent = self._with(Verdict.CANNOT_TELL)
        return tuple(q for q in silent if q.kind != "gradient" or (q.kind, q.name) not in equal)

    @property
    def has_only_vanishing_gradients(self) -> bool:
        """Whether nothing but gradients that vanish keeps the verdict from EQUAL."""
        silent = self.uninformative
        return self.verdict is Verdict.CANNOT_TELL and all(q.is_vanishing for q in silent)

    def accepting(self, weights: int) -> "Report":
        """The report in which gradients that vanish with so many sets of weights are equal."""
        reason, silent = f"{VANISHED}, with {weights} sets of them", self.uninformative
        quantities = (
            replace(q, verdict=Verdict.EQUAL, reason=reason) if q in silent else q
            for q in self.quantities
        )
        return replace(self, quantities=tuple(quantities))

    def with_quantities(self, quantities: Iterable[Quantity]) -> "Report":
        """The report with further quantities."""
        return replace(self, quantities=(*self.quantities, *quantities))

    @property
    def accepted(self) -> tuple[Quantity, ...]:
        """The gradients that count as equal because they vanish whatever the weights."""
        return tuple(q for q in self._with(Verdict.EQUAL) if q.reason.startswith(VANISHED))

    @property
    def worst(self) -> Quantity:
        """The quantity with the largest difference among those that could be judged."""
        accepted = {id(q) for q in self.accepted}  # whose difference is one of rounding
        judged = [
            q
            for q in self.quantities
            if q.verdict is not Verdict.CANNOT_TELL and id(q) not in accepted
        ]
        return max(judged or self.quantities, key=lambda q: q.difference)

    def __str__(self) -> str:
        shown = self._with(Verdict.DIFFERENT) or self.uninformative or (self.worst,)
        heading = (
            f"{self.verdict.value}: {len(self.quantities)} quantities to {self.tolerance:g} "
            "of the largest entry"
        )
        return "\n  ".join([heading, *map(str, shown)])

    def _with(self, verdict: Verdict) -> list[Quantity]:
        return [q for q in self.quantities if q.verdict is verdict]
