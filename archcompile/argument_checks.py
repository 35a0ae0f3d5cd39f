"""Functions that say what their arguments may be, and refuse others in one way.

The command line refuses a wrong word before a command begins. For a caller in Python,
`check_arguments` reads the same from the annotations: the words of a `Literal`, the bound of a
`Count`, and that a list is no text. Other classes are left to the function.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from numbers import Integral
from reprlib import repr as excerpt
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from archcompile.errors import UsageError, nearest

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class AtLeast:
    """A whole number's bound."""

    least: int


Count = Annotated[int, AtLeast(1)]
Seed = Annotated[int, AtLeast(0)]


def check_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises UsageError for a value that its annotations exclude."""
    parameters = inspect.signature(function).parameters

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        # what is missing or too much is for the call itself to say
        given = {**dict(zip(parameters, args, strict=False)), **kwargs}
        for name, value in given.items():
            parameter = parameters.get(name)
            if parameter and parameter.kind not in (
                parameter.VAR_POSITIONAL,
                parameter.VAR_KEYWORD,
            ):
                _check(name, value, _alternatives(parameter.annotation))
        return function(*args, **kwargs)

    return call


def _check(name: str, value: Any, kinds: Sequence[Any]) -> None:
    if any(_fits(value, kind) for kind in kinds):
        return
    expected = " or ".join(_words(kind) for kind in kinds if kind is not NoneType)
    raise UsageError(
        f"`{name}`: expected {expected}, got {excerpt(value)}", hint=_hint(name, value, kinds)
    )


def _alternatives(annotation: Any) -> Sequence[Any]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of this kind; True for kinds that are not looked at here."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is Annotated:
        is_whole = isinstance(value, Integral) and not isinstance(value, bool)
        return is_whole and value >= inner[1].least
    if origin is tuple:
        is_list = isinstance(value, tuple | list) and len(value) == len(inner)
        return is_list and all(map(_fits, value, inner))
    if origin is Sequence:
        return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    if kind in (bool, str, NoneType):
        return isinstance(value, kind)
    return True


def _words(kind: Any) -> str:
    """What is expected of a kind that `_fits` looks at."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        *others, last = inner
        return f"{', '.join(others)} or {last}" if others else last
    if origin is Annotated:
        return f"a whole number of at least {inner[1].least}"
    if origin is tuple:
        return f"{len(inner)} values, each {_words(inner[0])}"
    if origin is Sequence:
        return "a list"
    return "True or False" if kind is bool else "text"


def _hint(name: str, value: Any, kinds: Iterable[Any]) -> str | None:
    if not isinstance(value, str):
        return None
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    if likely := nearest(value, words):
        return f"did you mean `{likely}`?"
    takes_list = any(get_origin(kind) is Sequence for kind in kinds)
    return f"in brackets: {name}=[{excerpt(value)}]" if takes_list else None
