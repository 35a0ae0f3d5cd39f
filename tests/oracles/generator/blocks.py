"""Blocks of a spec's own, tried on a sample map."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..language.net import Net, Node
from ..language.scope import Library, Place, facts_of_shape
from ..language.spec import has_shortcut
from . import attributes
from .calls import Roles, Setting, draw_choice
from .draw import Draw, condition
from .lists import add_something, draw_list

SAMPLE = (8, 8, 4)
OTHER_SAMPLE = (4, 4, 6)
DECLARED: dict[
    str, list[Any]
] = {  # a role, and how an argument of it may be declared: what must be given comes last
    "filters": [4, "int"],
    "kernel": [3, "int"],
    "stride": [1],
    "rate": [0.25, "float"],
    "factor": [0.5, "float"],
    "flag": [True, False, "bool"],
    "activation": [{"one_of": ["relu", "swish"]}],
    "word": ["plain", "str"],
    "kernels": [[3, 3], "pair"],
}
NAMES = {
    "filters": "width",
    "kernel": "reach",
    "stride": "step",
    "rate": "loss",
    "factor": "factor",
    "flag": "extra",
    "activation": "act",
    "word": "mood",
    "kernels": "windows",
}


def draw_block(
    draw: Draw, library: Library, setting: Setting, *, in_units: bool, joins: bool
) -> tuple[Any, Roles]:
    """The block as written, and how it is called."""
    declared, names, roles, required = draw_declarations(draw, in_units=in_units)
    unit = {"index": 1, "repeat": 2} if in_units else {}
    if in_units and joins:
        unit |= {"unit_index": 1, "unit_count": 4}
    inputs = [draw.name() for _ in range(draw.choose([2, 2, 3]))] if draw.chance(0.3) else []
    net = Net()
    for name, shape in zip(["input", *inputs[1:]], [SAMPLE, OTHER_SAMPLE, SAMPLE], strict=False):
        net.nodes[name] = Node(
            name=name, kind="input", attributes={}, inputs=(), shape=shape, weights=()
        )
    points = {name: "input" if name == inputs[0] else name for name in inputs}
    place = Place(
        net=net,
        library=library,
        prefix="sample",
        start="input",
        block_start="input",
        names=names,
        points=points,
        facts={
            fact: value
            for name in inputs[1:]
            for fact, value in facts_of_shape(net.shape(name), name).items()
        },
        unit=unit,
        defaults=(),
        choices=(),
        plain=True,
    )
    body = draw_body(draw, place, replace(setting, robust=True), joins=joins, further=inputs[1:])
    call = Roles(
        arguments=roles,
        required=tuple(required),
        joins=has_shortcut(body),
        in_units=in_units,
        further=len(inputs[1:]),
    )
    if not declared and not inputs and draw.chance(0.7):
        return body, call
    block: dict[str, Any] = {"args": declared, "body": body}
    if inputs:
        block["inputs"] = inputs
    if draw.chance(0.3):
        block["about"] = "A block of the generator's"
    if draw.chance(0.1):
        block["allow"] = ["bias-before-bn"]
    return block, call


def draw_declarations(
    draw: Draw, *, in_units: bool
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str], list[str]]:
    """Arguments: as declared, with values in the sample, with their roles, and those that must be
    given.
    """
    declared: dict[str, Any] = {}
    names: dict[str, Any] = {}
    required: list[str] = []
    chosen = draw.some(list(DECLARED), draw.between(0, 4))
    if draw.chance(0.8) and "filters" not in chosen:
        chosen.insert(0, "filters")
    for role in chosen:
        declaration = draw.choose(DECLARED[role])
        name = NAMES[role]
        declared[name] = declaration
        first = DECLARED[role][0]
        names[name] = first["one_of"][0] if isinstance(first, dict) else first
        if declaration in ("int", "float", "bool", "str", "pair"):
            required.append(name)
    roles = {NAMES[role]: role for role in chosen}
    for name, text, value in draw_derived(draw, names, in_units=in_units):
        declared[name], names[name], roles[name] = text, value, "filters"
    return declared, names, roles, required


def draw_derived(
    draw: Draw, names: Mapping[str, Any], *, in_units: bool
) -> list[tuple[str, Any, Any]]:
    """An argument that is computed from those above it, or from facts."""
    forms: list[tuple[str, Any, Any]] = [
        ("room", "$in_channels", 4),
        ("room", "$(in_channels + 2)", 6),
    ]
    if "width" in names:
        forms += [("twice", "$(2 * width)", 8), ("more", "$(width + in_channels)", 8)]
    if in_units:
        forms += [("place", "$index", 1), ("grown", "$(4 + 2 * index)", 6)]
    return [draw.choose(forms)] if draw.chance(0.4) else []


def draw_body(
    draw: Draw, place: Place, setting: Setting, *, joins: bool, further: Sequence[str] = ()
) -> list[Any]:
    keeps = replace(setting, keeps=True)
    body = draw_list(draw, place, draw.between(0, 2), setting=keeps)
    width = [name for name in ("width", "twice", "more", "room", "grown") if name in place.names]
    filters = (
        f"${draw.choose(width)}"
        if width and draw.chance(0.8)
        else draw.choose([4, "$in_channels", "$in_channels"])
    )
    settings: dict[str, Any] = {
        "filters": filters,
        "kernel": draw.choose([1, 3]),
        **attributes.draw_layer_settings(draw, place.scope()),
    }
    if "reach" in place.names and draw.chance(0.7):
        settings["kernel"] = "$reach"
    if "windows" in place.names and draw.chance(0.7):
        settings["kernel"] = "$windows"
    if "step" in place.names:
        settings["stride"] = "$step"
    if draw.chance(0.3):
        settings["padding"] = "symmetric"
    if draw.chance(0.3):
        settings["name"] = draw.name()
    body.add({"conv": settings})
    for name in further:
        add_further_input(draw, body, name)
    if "loss" in place.names:
        body.add({"dropout": {"rate": "$loss"}})
    if "act" in place.names:
        body.add({"activation": {"kind": "$act"}})
    for _ in range(draw.between(0, 2)):
        add_something(draw, body, replace(setting, keeps=True))
    if joins:
        add_shortcut(draw, body, setting)
        for _ in range(draw.between(0, 1)):
            add_something(draw, body, replace(setting, keeps=True))
        if draw.chance(0.25):
            add_shortcut(draw, body, setting)
    return body.steps


def add_further_input(draw: Draw, body: Any, name: str) -> None:
    """Joins another input, of whatever shape: as a gate, or only where its size is the same."""
    left = draw.name()
    if draw.chance(0.5):
        gate = [
            {"global_avg_pool": {"from": name, "keep_dims": True}},
            {"conv": {"filters": "$in_channels", "kernel": 1, "activation": "sigmoid"}},
        ]
        body.add({"multiply": {"branches": {"map": [], "gate": gate}}})
        return
    same = f"$({name}_height == in_height and {name}_width == in_width)"
    widths = [f"${name}_channels", f"$({name}_channels + 1)"]
    body.add(
        {"relu": {"name": left}},
        {"conv": {"from": name, "filters": draw.choose(widths), "kernel": 1, "name": left + "_y"}},
        {"concat": {"from": left, "with": left + "_y", "if": same}},
    )


def add_shortcut(draw: Draw, body: Any, setting: Setting) -> None:
    settings: dict[str, Any] = {}
    place = body.place
    if draw.chance(0.25):
        settings["if"] = condition(draw, place.scope())
    if draw.chance(0.4) and setting.rules:
        settings["rule"] = draw_choice(draw, setting, {**place.scope(), "turn": 1, "turns": 1})
    if draw.chance(0.2) and place.points:
        settings["from"] = draw.choose(list(place.points))
    if draw.chance(0.15):
        settings["name"] = draw.name()
    if draw.chance(0.1):
        branches = {"side": [{"shortcut": settings} if settings else "shortcut"], "straight": []}
        body.add({draw.choose(["add", "concat", "maximum"]): {"branches": branches}})
        return
    body.add({"shortcut": settings} if settings else "shortcut")
