"""The settings of a layer as expressions, and a layer built from them."""

from collections.abc import Iterable, Mapping, Sequence

from archcompile.keras_defaults import DEFAULTS, POSITIONAL, TAKE_INPUTS_APART, has_default
from archcompile.keras_model import NamedCall
from archcompile.source.syntax import Expr, Group, bracket, literal
from archcompile.source.torch_signatures import SHARED_DEFAULTS

Settings = Mapping[str, Expr]


def default_setting(path: str, key: str) -> Expr | None:
    """What a layer takes for a setting that is left out; None where that is not known."""
    if key in SHARED_DEFAULTS:
        return literal(SHARED_DEFAULTS[key])
    return literal(DEFAULTS[key]) if has_default(path, key) else None


def is_default(path: str, key: str, value: Expr) -> bool:
    return value == default_setting(path, key)


def settings_of(call: NamedCall) -> Settings:
    """The settings of a call as expressions."""
    return {key: literal(value) for key, value in call.call.kwargs.items()}


def positional_first(path: str, keys: Iterable[str]) -> list[str]:
    """The settings that Keras takes by position in front, in its order."""
    given, positional = list(keys), POSITIONAL.get(path, ())
    return [
        *(key for key in positional if key in given),
        *(key for key in given if key not in positional),
    ]


def arguments_of(path: str, sources: Sequence[str]) -> list[Expr]:
    """How a layer is given what it reads: alone, as a list, or one by one."""
    if path in TAKE_INPUTS_APART:
        return list(sources)
    return [bracket("[", sources, "]")] if len(sources) > 1 else ["".join(sources)]


def applied_layer(path: str, settings: Settings, name: str, *, inputs: Sequence[Expr]) -> Group:
    """A layer built and applied: `layers.Conv2D(16, 3, padding="same", name="conv1")(x)`."""
    positional = POSITIONAL.get(path, ())
    items = [
        ("" if key in positional else f"{key}=", settings[key])
        for key in positional_first(path, settings)
    ]
    return Group(
        head=f"{'keras.' if path == 'Input' else ''}{path}(",
        items=(*items, ("name=", name)),
        tail=")",
        then=bracket("(", inputs, ")") if any(inputs) else None,
    )
