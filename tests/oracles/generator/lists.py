"""Lists of steps: ops, merges, branches, detours and blocks, drawn on the shapes that they meet."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

from ..language.ops import GLOBAL_POOLS
from ..language.scope import Place
from ..language.shapes import Shape
from . import attributes
from .calls import Roles, Setting, draw_arguments, draw_choice, draw_defaults, draw_operands
from .draw import Draw, condition, whole
from .live import LiveList
from .tokens import draw_tokens

FRAGILE = (
    *("reshape", "crop", "flatten", *GLOBAL_POOLS, "upsample"),
    *(
        "attention",
        "slice_channels",
        "shuffle_channels",
        "permute",
        "depth_to_space",
        "space_to_depth",
    ),
    "resize",
)


def draw_list(draw: Draw, place: Place, length: int, *, setting: Setting) -> LiveList:
    steps = LiveList(place)
    for _ in range(length):
        add_something(draw, steps, setting)
    return steps


def add_something(draw: Draw, steps: LiveList, setting: Setting) -> bool:
    actions = {
        "op": 10.0,
        "merge": 1.2,
        "branches": 1.0 if setting.depth < 2 else 0.0,
        "detour": 0.8,
        "split": 0.5,
        "tokens": 0.8 if len(steps.shape) == 3 and not setting.robust else 0.0,
        "block": 1.5 if setting.pieces else 0.0,
    }
    action = draw.choose_weighted(actions)
    if action == "op":
        return steps.add(draw_op(draw, steps, setting))
    adders = {
        "merge": add_merge,
        "branches": add_branches,
        "detour": add_detour,
        "split": add_split,
        "tokens": add_tokens,
        "block": add_block,
    }
    return adders[action](draw, steps, setting)


# ---- ops -----------------------------------------------------------------------------------------


# what may change the size of a map
CHANGING = (
    *("max_pool", "avg_pool", "blur_pool", "subsample", "pad", "crop", "upsample", "reshape"),
    *("conv_transpose", "permute", "depth_to_space", "space_to_depth", "resize"),
)


def draw_kind(draw: Draw, shape: Shape, setting: Setting) -> str:
    table = attributes.MAP if len(shape) == 3 else attributes.VECTOR
    weights = {
        kind: weight
        for kind, (weight, _) in table.items()
        if not (setting.robust and kind in FRAGILE)
    }
    if setting.keeps:
        for kind in CHANGING:
            weights.pop(kind, None)
    return draw.choose_weighted(weights)


def draw_settings(
    draw: Draw, kind: str, scope: Mapping[str, Any], *, shape: Shape, setting: Setting
) -> dict[str, Any]:
    settings = attributes.draw_attributes(draw, kind, scope, shape=shape)
    if setting.keeps:
        settings.pop("stride", None)
        if "kernel" in settings:
            settings.pop("padding", None)
    if setting.robust:
        if settings.get("padding") in ("valid", 0, 1) and kind not in ("max_pool", "avg_pool"):
            settings["padding"] = "symmetric"
        if kind in ("max_pool", "avg_pool"):
            settings["padding"] = "same"
        if kind == "normalize":
            settings = {}
        if kind == "group_norm":
            settings["groups"] = draw.choose([1, 1, 2])
        if kind == "conv" and "groups" in settings:
            settings |= {"groups": 1}
    return settings


def draw_op(
    draw: Draw, steps: LiveList, setting: Setting, *, kind: str = "", name: str = ""
) -> Any:
    shape, place = steps.shape, steps.place
    kind = kind or draw_kind(draw, shape, setting)
    scope = place.scope()
    modifiers: dict[str, Any] = {}
    if draw.chance(0.1):
        modifiers["repeat"] = whole(draw, draw.choose([1, 2, 2, 3]), scope)
    turns = 2 if "repeat" in modifiers else 1
    valued = {**scope, "turn": 1, "turns": turns}
    settings = draw_settings(draw, kind, valued, shape=shape, setting=setting)
    leave_out(draw, kind, settings, place=place)
    if kind == "resize" and draw.chance(0.5):
        maps = [point for point, given in points(steps).items() if len(given) == 3]
        settings.pop("to", None)
        modifiers["with"] = draw.choose(maps) if draw.chance(0.8) else [draw.choose(maps)]
    if draw.chance(0.12 if kind in attributes.KEEPING else 0.02):
        modifiers["if"] = condition(draw, scope)
    if name or draw.chance(0.15):
        modifiers["name"] = name or draw.name()
    if draw.chance(0.02):
        modifiers["allow"] = [
            draw.choose(["bias-before-bn", "odd-before-stride", "pool-does-not-cover"])
        ]
    settings = shuffle(draw, {**settings, **modifiers})
    return {kind: settings} if settings or draw.chance(0.1) else kind


def leave_out(draw: Draw, kind: str, settings: dict[str, Any], *, place: Place) -> None:
    """What a default says need not be said again."""
    for level in place.defaults:
        for key in level.get(kind) or {}:
            if key in settings and draw.chance(0.7):
                del settings[key]


def shuffle(draw: Draw, settings: dict[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in draw.some(list(settings), len(settings))}


# ---- points --------------------------------------------------------------------------------------


def points(steps: LiveList) -> dict[str, Shape]:
    """The points that a step here can name, with their shapes."""
    place = steps.place
    names = {**place.points, "input": place.start, "block_input": place.block_start}
    return {name: place.shape(node) for name, node in names.items()}


def merging(draw: Draw, shapes: list[Shape]) -> str | None:
    """An op that can join these shapes."""
    first = shapes[0]
    forms = []
    if all(shape == first for shape in shapes):
        forms += ["add", "add", "average", "maximum", "multiply"] + (
            ["subtract"] if len(shapes) == 2 else []
        )
    if (
        all(shape[:-1] == first[:-1] for shape in shapes)
        and sum(shape[-1] for shape in shapes) < 40
    ):
        forms += ["concat"]
    if len({len(shape) for shape in shapes}) == 1 and len(first) == 3:
        largest = max(shapes, key=prod)
        gates = ((1, 1, largest[2]), (*largest[:2], 1))
        forms += (
            ["multiply"] * 2 if {*shapes} - {largest} and {*shapes} <= {largest, *gates} else []
        )
    return draw.choose(forms) if forms else None


def add_merge(draw: Draw, steps: LiveList, setting: Setting) -> bool:
    """A merge of the current point with others that fit."""
    fitting = [name for name, shape in points(steps).items() if merging(draw, [steps.shape, shape])]
    chosen = draw.some(fitting, draw.choose([1, 1, 2]))
    shapes = points(steps)
    kind = merging(draw, [steps.shape, *(shapes[name] for name in chosen)]) if chosen else None
    if kind is None:
        return False
    settings: dict[str, Any] = {
        "with": chosen[0] if len(chosen) == 1 and draw.chance(0.7) else chosen
    }
    return steps.add({kind: {**settings, **merge_modifiers(draw, steps, kind)}})


def merge_modifiers(draw: Draw, steps: LiveList, kind: str) -> dict[str, Any]:
    modifiers: dict[str, Any] = {}
    if draw.chance(0.3):
        modifiers["name"] = draw.name()
    if draw.chance(0.1) and kind != "concat":
        modifiers["if"] = condition(draw, steps.place.scope())
    if draw.chance(0.05) and kind not in ("concat", "subtract"):
        modifiers["repeat"] = 2
    return modifiers


def add_detour(draw: Draw, steps: LiveList, setting: Setting) -> bool:
    """Starts again at another point, and joins what was left behind."""
    size = steps.shape[:-1]
    starts = [name for name, shape in points(steps).items() if shape[:-1] == size]
    if not starts:
        return False
    keeping = replace(setting, keeps=True)
    left, start = draw.name(), draw.choose(starts)
    before = LiveList(steps.place)
    before.current, before.counts, before.steps = steps.current, steps.counts.copy(), []

    def rehearse() -> list[Any] | None:
        first = draw_op(draw, before, keeping, name=left, kind=draw.choose(attributes.KEEPING))
        if not before.add(first):
            return None
        left_shape = before.shape
        second = draw_op(draw, before, keeping, kind="conv" if len(size) == 2 else "dense")
        ((kind, settings),) = second.items()
        settings = {**settings, "from": start}
        settings.pop("if", None)
        if draw.chance(0.6):
            settings["filters" if kind == "conv" else "units"] = left_shape[-1]
            settings.pop("groups", None)
        if not before.add({kind: settings}):
            return None
        merge = merging(draw, [before.shape, left_shape])
        return [first, {kind: settings}, {merge: {"with": left}}] if merge else None

    planned = steps.scratch(rehearse)
    return bool(planned) and steps.add(*planned)


def add_tokens(draw: Draw, steps: LiveList, setting: Setting) -> bool:
    return steps.add(*draw_tokens(draw, steps.place.scope(), steps.shape, points=points(steps)))


def add_split(draw: Draw, steps: LiveList, setting: Setting) -> bool:
    """Parts of the channels, some of which are changed, joined again in some order."""
    channels, scope = steps.shape[-1], steps.place.scope()
    if channels < 2 or (setting.robust and channels % 2):
        return False
    first, second = draw.name(), draw.name()
    least = draw.between(1, channels - 1)
    sizes = {
        first: whole(draw, least, scope),
        second: whole(draw, channels - least, scope),
    }
    parts: Any = [first, second] if channels % 2 == 0 and draw.chance(0.5) else sizes
    if setting.robust and isinstance(parts, dict):
        parts = {first: 1, second: "$(in_channels - 1)"}
    split = {"split": {"parts": parts}}
    if draw.chance(0.1):
        split["split"]["if"] = condition(draw, scope)
    joined = {"concat": {"with": draw.choose([first, [first], [first, second]])}}
    kept = draw_op(draw, steps, replace(setting, keeps=True), kind=draw.choose(attributes.KEEPING))
    ((kind, settings),) = kept.items() if isinstance(kept, dict) else ((kept, {}),)
    changed = {kind: {key: value for key, value in settings.items() if key != "if"}}
    return steps.add(split, changed, joined)


# ---- branches ------------------------------------------------------------------------------------


def add_branches(draw: Draw, steps: LiveList, setting: Setting) -> bool:
    place = steps.place

    def rehearse() -> tuple[dict[str, list[Any]], list[Shape]]:
        branches, shapes = {}, []
        for label in draw.some(
            ["left", "right", "deep", "wide", "thin"], draw.choose([2, 2, 2, 3])
        ):
            prefix = f"scratch_{label}_{len(place.net.nodes)}"
            inner = place.at(prefix=prefix, start=steps.current, points=dict(place.points))
            keeping = replace(setting, depth=setting.depth + 1, keeps=draw.chance(0.9))
            branch = draw_list(draw, inner, draw.choose([0, 1, 1, 2, 3]), setting=keeping)
            if draw.chance(0.1):
                branch.add({"global_avg_pool": {"keep_dims": True}})
            elif draw.chance(0.1) and len(branch.shape) == 3:
                branch.add({"conv": {"filters": 1, "kernel": 1, "activation": "sigmoid"}})
            branches[label] = branch.steps
            shapes.append(branch.shape)
        return branches, shapes

    branches, shapes = steps.scratch(rehearse)
    kind = merging(draw, shapes)
    if kind is None:
        return False
    settings = {"branches": branches, **merge_modifiers(draw, steps, "concat")}
    names = [name for name, node in place.points.items() if node == steps.current]
    if names and draw.chance(0.3):
        settings["from"] = draw.choose(names)
    return steps.add({kind: settings})


# ---- blocks as steps -----------------------------------------------------------------------------


def add_block(draw: Draw, steps: LiveList, setting: Setting) -> bool:
    block = draw.choose(list(setting.pieces))
    roles = setting.pieces[block]
    if roles.in_units and "index" not in steps.place.unit:
        return False
    scope = steps.place.scope()
    modifiers: dict[str, Any] = {}
    turned = draw.chance(0.3)
    if turned:
        modifiers["repeat"] = whole(draw, draw.choose([1, 2, 2, 3]), scope)
    valued = {**scope, "turn": 1, "turns": 2 if turned else 1}
    settings = draw_arguments(draw, roles, valued, shape=steps.shape)
    leave_out(draw, block, settings, place=steps.place)
    if roles.further:
        modifiers["with"] = draw_operands(draw, roles, list(points(steps)))
    row = draw_row_keys(draw, roles, valued, setting=setting, steps=steps, turned=turned)
    if draw.chance(0.2):
        modifiers["name"] = draw.name()
    if draw.chance(0.06):
        modifiers["if"] = condition(draw, scope)
    if draw.chance(0.1) and steps.steps == [] and steps.place.points:
        modifiers["from"] = draw.choose(list(steps.place.points))
    return steps.add({block: shuffle(draw, {**settings, **row, **modifiers})})


def draw_row_keys(
    draw: Draw,
    roles: Roles,
    scope: Mapping[str, Any],
    *,
    setting: Setting,
    steps: LiveList,
    turned: bool,
) -> dict[str, Any]:
    """`first`, `last`, `shortcut` and `defaults` of a block step."""
    row: dict[str, Any] = {}
    if turned:
        for end in ("first", "last"):
            if draw.chance(0.2):
                changes = draw_arguments(draw, roles, scope, shape=steps.shape)
                row[end] = {key: changes[key] for key in draw.some(list(changes), 1)}
                if roles.joins and draw.chance(0.4):
                    row[end]["shortcut"] = draw_choice(draw, setting, scope)
    if draw.chance(0.5 if roles.joins else 0.1):
        row["shortcut"] = draw_choice(draw, setting, scope)
    if draw.chance(0.1):
        row["defaults"] = draw_defaults(draw, scope, small=True)
    return {key: value for key, value in row.items() if value != {}}
