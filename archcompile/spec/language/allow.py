"""Warnings and remarks: their codes, and `allow:`, which silences them where they are meant."""

from dataclasses import dataclass

from archcompile.errors import Diagnostic, Location, nearest
from archcompile.spec.yaml import Tree, expect_seq, expect_text, fail

WARNINGS = (
    "bias-before-bn",
    "kernel-beyond-map",
    "meaning-changed",
    "no-final-norm",
    "no-softmax",
    "odd-before-stride",
    "pool-does-not-cover",
    "projection-without-need",
    "softmax-over-one",
    "stride-in-every-unit",
    "stride-over-one-pixel",
    "stride-wider-than-kernel",
    "unused-allow",
    "unused-argument",
    "unused-block",
    "unused-default",
    "unused-var",
    "var-not-passed",
)
REMARKS = ("l2-is-twice-decay", "unused-name")  # true of good specs too: shown only on request


@dataclass(frozen=True, slots=True)
class Allowed:
    """One code of an `allow:` list, and where it stands."""

    code: str
    at: Location


@dataclass(frozen=True, slots=True)
class Finding:
    """A warning or remark, and the `allow:` codes in force where it was found, nearest last."""

    diagnostic: Diagnostic
    allow: tuple[Allowed, ...]


def finding(
    code: str,
    message: str,
    at: Location,
    *,
    allow: tuple[Allowed, ...],
    hint: str | None = None,
    notes: tuple[tuple[str, Location], ...] = (),
) -> Finding:
    diagnostic = Diagnostic(
        code=code,
        message=message,
        location=at,
        hint=hint,
        notes=notes,
        severity="note" if code in REMARKS else "warning",
    )
    return Finding(diagnostic, allow)


def read_allowed(tree: Tree | None) -> tuple[Allowed, ...]:
    """The codes of an `allow:` list. Raises SpecError (wrong-type, unknown-code)."""
    if tree is None:
        return ()
    codes = [
        Allowed(expect_text(item, "each code of `allow`"), item.at)
        for item in expect_seq(tree, "`allow`")
    ]
    for allowed in codes:
        if allowed.code not in (*WARNINGS, *REMARKS):
            meant = nearest(allowed.code, (*WARNINGS, *REMARKS))
            raise fail(
                "unknown-code",
                f"no warning is called '{allowed.code}'",
                allowed.at,
                hint=f"did you mean `{meant}`?" if meant else "`archc explain` lists the codes",
            )
    return tuple(codes)


def permits(allow: tuple[Allowed, ...], code: str) -> Allowed | None:
    """The nearest `allow:` of a code, or None."""
    return next((allowed for allowed in reversed(allow) if allowed.code == code), None)
