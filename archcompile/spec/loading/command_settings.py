"""`--set K=V`: a variable of the spec, a dotted path in it, or a setting of the recipe."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archcompile.errors import Location, SpecError, UsageError, did_you_mean
from archcompile.spec.check import WORDS, class_setting
from archcompile.spec.expressions import check_expressions, free_variables, names_in
from archcompile.spec.language import NOT_INHERITED, RECIPE_KEYS, SpecFile
from archcompile.spec.loading.order import put_in_order, split_places
from archcompile.spec.yaml import (
    Entry,
    Map,
    Scalar,
    Tree,
    change,
    expect_map,
    fail,
    parse,
    relocate,
    setter,
    submap,
)


def split_sets(sets: Sequence[str]) -> tuple[list[str], list[str]]:
    """(settings of the spec, settings of the recipe): `train.*` and `data.*` are the recipe's."""
    recipe = [
        s for s in sets if s.split("=")[0].split(".")[0] in RECIPE_KEYS and "." in s.split("=")[0]
    ]
    return [s for s in sets if s not in recipe], recipe


def read_setting(text: str) -> tuple[list[str], Tree, Location]:
    """`K=V` as (path, value, place); V is one YAML value. Raises UsageError, SpecError."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"--set: expected K=V, got '{text}'")
    at = Location(file=f"--set {key}", line=1, column=1, width=len(key), text=text)
    if not value.strip():
        return key.split("."), Scalar(None, replace(at, column=len(text))), at
    try:
        tree = parse(" " * (len(key) + 1) + value, at.file)
    except SpecError as error:  # the command line is the source line
        raise SpecError(
            [replace(d, location=replace(d.location, text=text)) for d in error.diagnostics]
        ) from None
    return key.split("."), relocate(tree, text), at


def apply(tree: Map, text: str) -> Map:
    """The tree with a setting `K=V` applied. Raises UsageError, SpecError."""
    path, value, at = read_setting(text)
    variables = expect_map(tree["vars"], "`vars`").entries if "vars" in tree else {}
    if path[0] in RECIPE_KEYS and len(path) > 1:
        raise UsageError(
            f"`{'.'.join(path)}` is a setting of the recipe, which only `archc train` uses"
        )
    if len(path) == 1 and path[0] in variables:
        path = ["vars", path[0]]
    keys = [key for key in SpecFile.model_fields if key not in NOT_INHERITED]
    if path[0] not in keys:
        hint = class_setting(tree, text.partition("=")[2]) if path[0] in WORDS else None
        raise fail(
            "set-nothing",
            f"'{path[0]}' is neither a variable of this spec nor one of its keys",
            at,
            hint=hint or did_you_mean(path[0], [*variables, *keys]),
        )
    if path[0] == "vars":
        _check_variables(path[1:], value, variables, at=at)
    check_expressions(value)
    stages = submap(tree, "stages")
    _check_stage(path, stages, at)
    changed = expect_map(change(tree, path, at, apply=setter(value, at)), "a spec")
    changed, places = split_places(changed, stages)
    return put_in_order(changed, places)


def _check_stage(path: list[str], stages: Map, at: Location) -> None:
    """Raises SpecError where a value is set in a stage that does not exist and is not begun."""
    begins = len(path) < 3 or path[2] in ("block", "steps", "after")
    if path[0] == "stages" and not begins and path[1] and path[1] not in stages:
        near = (
            did_you_mean(path[1], stages.entries)
            if stages.entries
            else f"start a new one with --set stages.{path[1]}.block=NAME"
        )
        raise fail("set-nothing", f"there is no stage '{path[1]}'", at, hint=near)


def _check_variables(
    path: list[str], value: Tree, variables: Mapping[str, Entry], *, at: Location
) -> None:
    """Raises SpecError unless all variables that are set exist and hold values of their own."""
    if path:
        _check_free(path[0], variables, at)
        return
    for name, tree in value.items() if isinstance(value, Map) else ():
        if name not in variables or not names_in(tree):
            _check_free(name, variables, at)


def _check_free(name: str, variables: Mapping[str, Entry], at: Location) -> None:
    """Raises SpecError unless `name` is a variable that is not worked out from others."""
    if name not in variables:
        raise fail(
            "set-nothing",
            f"the spec has no variable '{name}'",
            at,
            hint=did_you_mean(name, variables),
        )
    free = free_variables(name, variables)
    if free != {name}:
        raise fail(
            "set-derived",
            f"'{name}' is computed from {', '.join(f'`{word}`' for word in sorted(free))}",
            at,
            hint=f"set {' or '.join(f'`{word}`' for word in sorted(free))} instead",
            notes=(("computed here", variables[name].value.at),),
        )
