"""Changes that a child makes to its parent, each undone there, so that the spec stays the same."""

import copy
import json
from collections.abc import Callable
from typing import Any

from ..language.expressions import is_expression
from ..language.rows import parts_of
from .draw import Draw
from .files import Files, Spec

# ---- variables -----------------------------------------------------------------------------------


def change_variable(files: Files, spec: Spec, draw: Draw) -> None:
    variables = spec.get("vars") or {}
    if not variables:
        return
    name = draw.choose(list(variables))
    if files.touch(f"vars.{name}"):
        files.parent["vars"][name] = another_value(variables[name], draw)
        files.child.setdefault("vars", {})[name] = variables[name]


def another_value(value: Any, draw: Draw) -> Any:
    """Another value of the kind."""
    if is_expression(value):
        return "$(1 + 1)"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return copy.deepcopy(value)


def remove_and_give_anew(files: Files, spec: Spec, draw: Draw) -> None:
    """What is removed and given anew keeps its place."""
    variables = spec.get("vars") or {}
    for name in draw.some(list(variables), 1):
        if files.touch(f"vars.{name}"):
            files.remove.append(f"vars.{name}")
            files.child.setdefault("vars", {})[name] = variables[name]


def set_variable(files: Files, spec: Spec, draw: Draw) -> None:
    plain = [
        name for name, value in (spec.get("vars") or {}).items() if "$" not in json.dumps(value)
    ]
    for name in draw.some(plain, 1):
        if files.touch(f"vars.{name}"):
            files.parent["vars"][name] = another_value(spec["vars"][name], draw)
            path = draw.choose([name, f"vars.{name}"])
            files.sets.append(f"{path}={json.dumps(spec['vars'][name])}")


# ---- parts and other keys ------------------------------------------------------------------------


def move_part(files: Files, spec: Spec, draw: Draw) -> None:
    """A part, or another key, stands in the child: new, or in place of the parent's."""
    keys = [
        key
        for key in ("stem", "head", "outputs", "shortcut", "allow", "train", "input")
        if key in spec
    ]
    key = draw.choose(keys)
    if not files.touch(key):
        return
    value = copy.deepcopy(spec[key])
    files.child[key] = value
    if key in ("stem", "head") and draw.chance(0.5):
        files.parent[key] = ["relu"]
    elif key == "outputs" and draw.chance(0.3):
        files.parent[key] = {"gone": "stem"}
        files.remove.append("outputs")
    elif key == "shortcut" and draw.chance(0.5):
        files.parent[key] = "none"
    elif key == "input" and draw.chance(0.5):
        files.parent[key] = [4, 4, 1]
    else:
        del files.parent[key]


def extra_key(files: Files, spec: Spec, draw: Draw) -> None:
    """What the parent has and the child removes."""
    extras = {
        "shortcut": "none",
        "head": ["relu"],
        "train": "article",
        "outputs": {"gone": "stem"},
        "allow": ["no-final-norm"],
    }
    absent = [key for key in extras if key not in spec]
    for key in draw.some(absent, 1):
        if files.touch(key):
            files.parent[key] = extras[key]
            files.remove.append(key)


def change_step(files: Files, spec: Spec, draw: Draw) -> None:
    """A named step of a list, changed by a map over the list."""
    part, name, settings = a_named_step(spec, draw)
    if not part or not files.touch(part):
        return
    for step in files.parent[part]:
        written = parts_of(step)[1]
        if written.get("name") == name:
            for key, value in settings.items():
                written[key] = another_value(value, draw)
    files.child[part] = {name: copy.deepcopy(settings)}


def a_named_step(spec: Spec, draw: Draw) -> tuple[str, str, dict[str, Any]]:
    """A part, the name of a step in it, and some of its numbers; empty names where there is
    none.
    """
    named = []
    for part in ("stem", "head"):
        for step in spec.get(part) or []:
            settings = parts_of(step)[1]
            numbers = {
                key: value
                for key, value in settings.items()
                if type(value) in (int, float) and key != "repeat"
            }
            if "name" in settings and numbers:
                named.append((part, settings["name"], numbers))
    if not named:
        return "", "", {}
    part, name, numbers = draw.choose(named)
    return part, name, {key: numbers[key] for key in draw.some(list(numbers), draw.between(1, 2))}


def set_step(files: Files, spec: Spec, draw: Draw) -> None:
    part, name, settings = a_named_step(spec, draw)
    if not part or not files.touch(part):
        return
    key, value = next(iter(settings.items()))
    for step in files.parent[part]:
        written = parts_of(step)[1]
        if written.get("name") == name:
            written[key] = another_value(value, draw)
    files.sets.append(f"{part}.{name}.{key}={json.dumps(value)}")


# ---- stages --------------------------------------------------------------------------------------


def a_stage(spec: Spec, draw: Draw, *, row: bool) -> str:
    stages = [
        name
        for name, value in (spec.get("stages") or {}).items()
        if isinstance(value, dict) or not row
    ]
    return draw.choose(stages) if stages else ""


def a_key(row: dict[str, Any], draw: Draw) -> str:
    keys = [
        key
        for key, value in row.items()
        if key not in ("block", "defaults", "first", "last", "shortcut", "allow")
    ]
    return draw.choose(keys) if keys else ""


def change_row(files: Files, spec: Spec, draw: Draw) -> None:
    name = a_stage(spec, draw, row=True)
    key = a_key(spec["stages"][name], draw) if name else ""
    if key and files.touch(f"stages.{name}"):
        files.parent["stages"][name][key] = another_value(spec["stages"][name][key], draw)
        files.child.setdefault("stages", {})[name] = {key: spec["stages"][name][key]}


def drop_row_key(files: Files, spec: Spec, draw: Draw) -> None:
    """A key of a row that only the child has, or only the parent."""
    name = a_stage(spec, draw, row=True)
    if not name or not files.touch(f"stages.{name}"):
        return
    row = spec["stages"][name]
    keys = [key for key in row if key != "block"]
    if keys and draw.chance(0.6):
        key = draw.choose(keys)
        del files.parent["stages"][name][key]
        files.child.setdefault("stages", {})[name] = {key: copy.deepcopy(row[key])}
    elif "last" not in row:
        files.parent["stages"][name]["last"] = {"shortcut": "none"}
        files.remove.append(f"stages.{name}.last")


def set_row(files: Files, spec: Spec, draw: Draw) -> None:
    name = a_stage(spec, draw, row=True)
    key = a_key(spec["stages"][name], draw) if name else ""
    if key and files.touch(f"stages.{name}"):
        value = spec["stages"][name][key]
        files.parent["stages"][name][key] = another_value(value, draw)
        files.sets.append(f"stages.{name}.{key}={json.dumps(value)}")


def move_stage(files: Files, spec: Spec, draw: Draw) -> None:
    """A stage that only the child has, in its place by `after`; the last one needs no place."""
    name = a_stage(spec, draw, row=False)
    if not name or len(spec["stages"]) < 2 or not files.touch(f"stages.{name}", "stages#order"):
        return
    names = list(spec["stages"])
    place = names.index(name)
    stage = copy.deepcopy(spec["stages"][name])
    del files.parent["stages"][name]
    if place < len(names) - 1 or draw.chance(0.3):
        after = names[place - 1] if place else "stem"
        stage = (
            {"after": after, "steps": stage}
            if isinstance(stage, list)
            else {"after": after, **stage}
        )
    files.child.setdefault("stages", {})[name] = stage


def extra_stage(files: Files, spec: Spec, draw: Draw) -> None:
    """A stage that only the parent has."""
    name = draw.name()
    if "stages" not in spec or not files.touch(f"stages.{name}"):
        return
    items = list(files.parent["stages"].items())
    items.insert(draw.between(0, len(items)), (name, ["relu"]))
    files.parent["stages"] = dict(items)
    files.remove.append(f"stages.{name}")


def anew_stage(files: Files, spec: Spec, draw: Draw) -> None:
    """A stage that is removed and given anew, in its place."""
    name = a_stage(spec, draw, row=False)
    if name and files.touch(f"stages.{name}"):
        files.parent["stages"][name] = ["tanh"]
        files.remove.append(f"stages.{name}")
        files.child.setdefault("stages", {})[name] = copy.deepcopy(spec["stages"][name])


# ---- defaults, blocks and rules ------------------------------------------------------------------


def change_default(files: Files, spec: Spec, draw: Draw) -> None:
    defaults = spec.get("defaults") or {}
    for kind in draw.some(list(defaults), 1):
        if defaults[kind] and files.touch(f"defaults.{kind}"):
            key = draw.choose(list(defaults[kind]))
            del files.parent["defaults"][kind][key]
            files.child.setdefault("defaults", {})[kind] = {key: copy.deepcopy(defaults[kind][key])}


def extra_default(files: Files, spec: Spec, draw: Draw) -> None:
    kind, value = draw.choose(
        [
            ("conv", {"dilation": 1, "groups": 2}),
            ("bn", {"center": False}),
            ("layer_scale", {"value": 3}),
        ]
    )
    if kind not in (spec.get("defaults") or {}) and files.touch(f"defaults.{kind}"):
        files.parent.setdefault("defaults", {})[kind] = value
        files.remove.append(f"defaults.{kind}")


def move_definitions(files: Files, spec: Spec, draw: Draw) -> None:
    """Blocks and rules of the spec's own go to a library, which parent or child uses."""
    if not files.touch("blocks", "shortcuts", "uses") or not (
        "blocks" in spec or "shortcuts" in spec
    ):
        return
    library: Spec = {"archc": 1}
    name = f"parts/{draw.name()}.yaml"
    if "uses" in spec:
        library["uses"] = list(spec["uses"])
    for key in ("blocks", "shortcuts"):
        if key in spec:
            library[key] = files.parent.pop(key)
    files.libraries[name] = library
    files.child["uses"] = [*(files.parent.pop("uses", [])), draw.choose([name, f"./{name}"])]


def change_block(files: Files, spec: Spec, draw: Draw) -> None:
    """Another default of a block's argument."""
    blocks = {
        name: block for name, block in (spec.get("blocks") or {}).items() if isinstance(block, dict)
    }
    for name in draw.some(list(blocks), 1):
        arguments = {
            key: value
            for key, value in (blocks[name].get("args") or {}).items()
            if type(value) in (int, float, bool)
        }
        if arguments and files.touch(f"blocks.{name}"):
            key = draw.choose(list(arguments))
            files.parent["blocks"][name]["args"][key] = another_value(arguments[key], draw)
            files.child.setdefault("blocks", {})[name] = {"args": {key: arguments[key]}}


Change = Callable[[Files, Spec, Draw], None]
CHANGES: list[Change] = [
    change_variable,
    remove_and_give_anew,
    move_part,
    change_row,
    drop_row_key,
    move_stage,
    extra_stage,
    anew_stage,
    change_default,
    extra_default,
    change_step,
    change_block,
    extra_key,
]
# Only the first pair of files may have these.
FIRST_CHANGES: list[Change] = [move_definitions, set_variable, set_row, set_step]
