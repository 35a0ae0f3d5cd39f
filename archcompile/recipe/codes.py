"""The codes of what `archc recipe lint` finds in a recipe, which its `allow` may name."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

from archcompile.errors import did_you_mean
from archcompile.spec.language import Refused

Code = Literal[
    "averages-lag",
    "boundary-after-end",
    "decay-halves-l2",
    "mixed-training-figures",
    "plateau-never-fires",
    "plateau-overridden",
    "setting-without-effect",
    "unused-allow",
    "validation-unused",
    "warmup-outlasts-run",
    "decay-through-adam",
    "l2-is-twice-decay",
    "test-set-chooses",
]
CODES: tuple[Code, ...] = get_args(Code)
# true of good recipes too
REMARKS: tuple[Code, ...] = (
    "decay-through-adam",
    "l2-is-twice-decay",
    "test-set-chooses",
)


def _check_code(value: Any) -> Any:
    if isinstance(value, str) and value not in CODES:
        raise Refused(
            "unknown-code", f"no finding in recipes is called '{value}'", did_you_mean(value, CODES)
        )
    return value


Allowed = Annotated[Code, BeforeValidator(_check_code)]
