"""Shortcut rules of a spec's own. They are tried where they are chosen: on a unit's input and its
branch.
"""

from typing import Any

from . import attributes
from .calls import Roles, draw_arguments
from .draw import Draw, number

MERGES = ("add", "add", "average", "maximum", "multiply", "subtract")
KEEPING = ("relu", "tanh", "bn", "rescale", "dropout", "layer_norm", "leaky_relu")


def draw_rule(draw: Draw, pieces: dict[str, Roles]) -> tuple[Any, Roles]:
    arguments: dict[str, Any] = {}
    roles: dict[str, str] = {}
    required: list[str] = []
    for name, declaration, role in (
        ("size", 1, "count"),
        ("scale", 0.5, "factor"),
        ("rate", "float", "rate"),
        ("rank", "$out_channels", "filters"),
        ("tone", {"one_of": ["relu", "swish"]}, "activation"),
    ):
        if draw.chance(0.25):
            arguments[name], roles[name] = declaration, role
            if declaration == "float":
                required.append(name)
    body = draw_body(draw, arguments)
    if pieces and draw.chance(0.25):
        body.insert(0, draw_piece(draw, pieces))
    changes_shape = draw.chance(0.15)
    if changes_shape:
        body = stack(draw)
    call = Roles(arguments=roles, required=tuple(required))
    if not arguments and not changes_shape and draw.chance(0.6):
        return body, call
    rule: dict[str, Any] = {"args": arguments, "body": body} if arguments else {"body": body}
    if changes_shape or draw.chance(0.1):
        rule["changes_shape"] = changes_shape
    return ({**rule, "about": "A rule of the generator's"} if draw.chance(0.3) else rule), call


def draw_piece(draw: Draw, pieces: dict[str, Roles]) -> Any:
    """A block as a step of a rule."""
    block = draw.choose(list(pieces))
    given = draw_arguments(draw, pieces[block], {"in_channels": 4}, shape=(8, 8, 4))
    if draw.chance(0.3):
        given["repeat"] = 2
    return {block: given} if given else block


def draw_body(draw: Draw, arguments: dict[str, Any]) -> list[Any]:
    forms = [plain, project, pad, gate, of_branch, in_branches]
    body = draw.choose(forms)(draw, arguments)
    if draw.chance(0.2):
        body.append(decoration(draw, arguments))
    return body


def decoration(draw: Draw, arguments: dict[str, Any]) -> Any:
    scope = {"index": 1, "repeat": 2} if draw.chance(0.2) else {}
    if "scale" in arguments and draw.chance(0.7):
        return {"rescale": {"scale": "$scale"}}
    if "rate" in arguments and draw.chance(0.7):
        return {"drop_path": {"drop_rate": "$rate", "if": "$(rate > 0)"}}
    if "tone" in arguments and draw.chance(0.7):
        return {"activation": {"kind": "$tone", "if": "$(tone == 'relu')"}}
    kind = draw.choose(KEEPING)
    settings = attributes.draw_attributes(draw, kind, {}, shape=(8, 8, 4))
    if kind == "rescale" and scope:
        settings["scale"] = number(draw, 0.5, scope)
    if draw.chance(0.2):
        settings["if"] = draw.choose(
            ["$shape_changes", "$(not shape_changes)", "$(out_channels > in_channels)"]
        )
    return {kind: settings} if settings else kind


def merge(draw: Draw, operand: str = "branch") -> Any:
    return {draw.choose(MERGES): {"with": operand}}


def plain(draw: Draw, arguments: dict[str, Any]) -> list[Any]:
    joined = merge(draw)
    if draw.chance(0.1):
        ((kind, settings),) = joined.items()
        joined = {kind: {**settings, "repeat": 2}} if kind != "subtract" else joined
    return [*(decoration(draw, arguments) for _ in range(draw.between(0, 2))), joined]


def projection(draw: Draw, arguments: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "filters": "$out_channels",
        "kernel": "$size" if "size" in arguments else 1,
        "stride": "$stride",
        **attributes.draw_layer_settings(draw, {}),
    }
    if "rank" in arguments and draw.chance(0.2):
        settings["filters"] = "$rank"
    return settings


def project(draw: Draw, arguments: dict[str, Any]) -> list[Any]:
    settings = projection(draw, arguments)
    if draw.chance(0.5):
        settings["if"] = "$shape_changes"
    return [
        {"conv": settings},
        *(decoration(draw, arguments) for _ in range(draw.between(0, 1))),
        merge(draw),
    ]


def pad(draw: Draw, arguments: dict[str, Any]) -> list[Any]:
    return [
        {"subsample": {"stride": "$stride", "if": "$(stride > 1)"}},
        {
            "pad_channels": {
                draw.choose(["before", "after"]): "$(out_channels - in_channels)",
                "if": "$(out_channels > in_channels)",
            }
        },
        merge(draw),
    ]


def stack(draw: Draw) -> list[Any]:
    """What ends in more channels than the branch has."""
    halved = {"subsample": {"stride": "$stride", "if": "$(stride > 1)"}}
    joined = {"concat": {"with": draw.choose(["branch", ["branch", "input"]])}}
    if joined["concat"]["with"] != "branch":
        joined["concat"]["if"] = "$(stride == 1)"
        return [halved, joined, {"concat": {"with": "branch", "if": "$(stride > 1)"}}]
    return [halved, joined]


def gate(draw: Draw, arguments: dict[str, Any]) -> list[Any]:
    return [
        {"conv": {**projection(draw, arguments), "activation": "sigmoid", "name": "gate"}},
        {"multiply": {"with": "branch", "name": "gated"}},
        {"rescale": {"from": "gate", "scale": -1, "offset": 1, "name": "carry"}},
        {"add": {"with": ["gated", "carry"] if draw.chance(0.3) else "gated"}},
    ]


def of_branch(draw: Draw, arguments: dict[str, Any]) -> list[Any]:
    kind = draw.choose(["drop_path", "rescale", "relu"])
    settings = attributes.draw_attributes(draw, kind, {}, shape=(8, 8, 4))
    return [
        {kind: {"from": "branch", **settings, "name": "survivor"}},
        {"conv": {"from": "input", **projection(draw, arguments)}},
        merge(draw, "survivor"),
    ]


def in_branches(draw: Draw, arguments: dict[str, Any]) -> list[Any]:
    branches = {
        "skip": [{"conv": projection(draw, arguments)}],
        "main": [{"relu": {"from": "branch"}}],
    }
    return [{draw.choose(["add", "maximum"]): {"branches": branches}}]
