"""Several files as one spec: `extends`, `uses`, `remove`, `after` and `--set` (docs/language.md,
section 6).
"""

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import IllFormed
from .net import Net
from .reader import parse
from .rows import parts_of
from .scope import Library
from .spec import interpret

NOT_INHERITED = ("archc", "name", "about", "extends", "remove", "expect")


class Files:
    """Texts by path; what ships lies under `shipped/`, and the user's files beside it."""

    def __init__(self, texts: Mapping[str, str], shipped: Mapping[str, str]) -> None:
        self.texts, self.shipped = texts, shipped

    def find(self, written: str, beside: str, suffix: str = "") -> tuple[str, str]:
        """The path and the text that a name in the file `beside` means."""
        if suffix and "/" not in written and not written.endswith(".yaml"):
            path = f"shipped/{written}{suffix}"
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(beside), written))
        text = self.read(path)
        if text is None and not written.startswith("."):
            path = f"shipped/{written}"
            text = self.read(path)
        if text is None:
            raise IllFormed(f"there is no file {written}")
        return path, text

    def read(self, path: str) -> str | None:
        if path.startswith("shipped/"):
            return self.shipped.get(path.removeprefix("shipped/"))
        return self.texts.get(path)


def interpret_files(files: Files, path: str, sets: Sequence[str] = ()) -> Net:
    text = files.read(path)
    if text is None:
        raise IllFormed(f"there is no file {path}")
    spec, used = resolve(parse(text), path, files)
    for setting in sets:
        spec = with_setting(spec, setting)
    return interpret(spec, library_of(spec, list(used.values())))


def library_of(spec: Mapping[str, Any], used: Sequence[Mapping[str, Any]]) -> Library:
    """All blocks and rules in the scope of a spec that uses these libraries."""
    blocks: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    for source in (*used, spec):
        for scope, key in ((blocks, "blocks"), (rules, "shortcuts")):
            defined = source.get(key) or {}
            if set(scope) & set(defined):
                raise IllFormed(f"defined twice: {sorted(set(scope) & set(defined))}")
            scope.update(defined)
    return Library(blocks, rules)


def resolve(
    spec: dict[str, Any], path: str, files: Files
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The spec merged with its parents, and the libraries they use, by path."""
    used: dict[str, dict[str, Any]] = {}
    if "extends" in spec:
        parent_path, text = files.find(spec["extends"], path, ".yaml")
        parent, used = resolve(parse(text), parent_path, files)
        spec = inherit(parent, spec)
    for written in spec.get("uses") or []:
        use(written, path, files, used=used)
    return {
        key: value for key, value in spec.items() if key not in ("uses", "extends", "remove")
    }, used


def use(written: str, beside: str, files: Files, *, used: dict[str, dict[str, Any]]) -> None:
    path, text = files.find(written, beside)
    if path not in used:
        used[path] = parse(text)
        for further in used[path].get("uses") or []:
            use(further, path, files, used=used)


REMOVED = object()  # holds the place of what a child removes, and may give anew


def inherit(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in parent.items() if key not in NOT_INHERITED}
    for path in child.get("remove") or []:
        kept = without(kept, path.split("."))
    joined = merge(kept, child)
    if isinstance(child.get("stages"), dict):
        joined["stages"] = order_stages(joined["stages"], child["stages"])
    return without_removed(joined)


def without(value: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    if keys[0] not in value or value[keys[0]] is REMOVED:
        raise IllFormed(f"{keys[0]} is not there to be removed")
    return {**value, keys[0]: REMOVED if len(keys) == 1 else without(value[keys[0]], keys[1:])}


def without_removed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: without_removed(item) for key, item in value.items() if item is not REMOVED}


def merge(parent: Any, child: Any, key: str = "") -> Any:
    """Maps merge key by key, everything else replaces; a map over a list of steps changes the steps
    of those names.
    """
    if not isinstance(child, dict):
        return child
    if isinstance(parent, list) and child and all(has_step(parent, name) for name in child):
        return [merged_step(step, child) for step in parent]
    if not isinstance(parent, dict) or (
        key in ("shortcut", "rule", "init") and list(parent) != list(child)
    ):
        return child  # another rule or initializer replaces the one there was
    joined = dict(parent)
    for name, value in child.items():
        joined[name] = merge(parent[name], value, name) if name in parent else value
    return joined


def has_step(steps: list[Any], name: str) -> bool:
    return any(parts_of(step)[1].get("name") == name for step in steps)


def merged_step(step: Any, changes: Mapping[str, Any]) -> Any:
    kind, settings = parts_of(step)
    name = settings.get("name")
    return {kind: merge(settings, changes[name])} if name in changes else step


def order_stages(stages: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Stages in their order: those with `after` stand behind what they name, in the order in which
    they are written.
    """
    after = {
        name: row["after"]
        for name, row in written.items()
        if isinstance(row, dict) and "after" in row
    }
    order: list[str] = []

    def put_down(name: str) -> None:
        order.append(name)
        for follower, anchor in after.items():
            if anchor == name:
                put_down(follower)

    put_down("stem")
    for name in stages:
        if name not in after:
            put_down(name)
    if set(order) != {"stem", *stages}:
        raise IllFormed("`after` names no stage")
    return {name: in_place(stages[name]) for name in order[1:]}


def in_place(row: Any) -> Any:
    """A row that has found its place needs `after` no more."""
    if not isinstance(row, dict) or "after" not in row:
        return row
    return (
        row["steps"]
        if "steps" in row
        else {key: value for key, value in row.items() if key != "after"}
    )


def with_setting(spec: dict[str, Any], setting: str) -> dict[str, Any]:
    """`--set K=V`: a variable, or any value by its path."""
    written, _, text = setting.partition("=")
    value = parse(f"value: {text}")["value"]
    keys = written.split(".")
    if len(keys) == 1 and keys[0] in (spec.get("vars") or {}):
        keys = ["vars", *keys]
    return put(spec, keys, value)


def put(value: Any, keys: Sequence[str], new: Any) -> Any:
    if not keys:
        return new
    if isinstance(value, list):
        if not has_step(value, keys[0]):
            raise IllFormed(f"no step is named {keys[0]}")
        return [put_in_step(step, keys, new) for step in value]
    inner = (value or {}).get(keys[0], {})
    return {**(value or {}), keys[0]: put(inner, keys[1:], new)}


def put_in_step(step: Any, keys: Sequence[str], new: Any) -> Any:
    kind, settings = parts_of(step)
    return {kind: put(settings, keys[1:], new)} if settings.get("name") == keys[0] else step
