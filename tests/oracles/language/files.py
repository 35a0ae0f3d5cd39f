"""Several files as one spec: `extends`, `uses`, `remove`, `after` and `--set` (docs/language.md, section 6)."""

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import IllFormed
from .net import Net
from .reader import parse
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
    blocks, rules = {}, {}
    for library in used.values():
        blocks |= library.get("blocks") or {}
        rules |= library.get("shortcuts") or {}
    blocks |= spec.get("blocks") or {}
    rules |= spec.get("shortcuts") or {}
    return interpret(spec, Library(blocks, rules))


def resolve(spec: dict[str, Any], path: str, files: Files) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The spec merged with its parents, and the libraries they use, by path."""
    used: dict[str, dict[str, Any]] = {}
    if "extends" in spec:
        parent_path, text = files.find(spec["extends"], path, ".yaml")
        parent, used = resolve(parse(text), parent_path, files)
        spec = inherit(parent, spec)
    for written in spec.get("uses") or []:
        use(written, path, files, used)
    return {key: value for key, value in spec.items() if key not in ("uses", "extends", "remove")}, used


def use(written: str, beside: str, files: Files, used: dict[str, dict[str, Any]]) -> None:
    path, text = files.find(written, beside)
    if path not in used:
        used[path] = parse(text)
        for further in used[path].get("uses") or []:
            use(further, path, files, used)


def inherit(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in parent.items() if key not in NOT_INHERITED}
    for path in child.get("remove") or []:
        kept = without(kept, path.split("."))
    merged = merge(kept, child)
    places = orders(parent.get("stages"), child, merged.get("stages"))
    return {**merged, "stages": places} if places else merged


def without(value: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    if keys[0] not in value:
        raise IllFormed(f"{keys[0]} is not there to be removed")
    if len(keys) == 1:
        return {key: item for key, item in value.items() if key != keys[0]}
    return {**value, keys[0]: without(value[keys[0]], keys[1:])}


def merge(parent: Any, child: Any) -> Any:
    """Maps merge key by key, everything else replaces."""
    if not isinstance(parent, dict) or not isinstance(child, dict):
        return child
    merged = dict(parent)
    for key, value in child.items():
        merged[key] = merge(parent[key], value) if key in parent else value
    return merged


def orders(parent: Any, child: Mapping[str, Any], merged: Any) -> Any:
    """Stages in their order: what is removed and given anew keeps its place; `after` says where a new one goes."""
    if not isinstance(merged, dict):
        return merged
    before = parent if isinstance(parent, dict) else {}
    order = [name for name in before if name in merged]
    for name in merged:
        if name not in before:
            order.append(name)
    for name, row in (child.get("stages") or {}).items():
        if isinstance(row, dict) and "after" in row:
            order.remove(name)
            order.insert(0 if row["after"] == "stem" else order.index(row["after"]) + 1, name)
    return {name: merged[name] for name in order}


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
        return [step_with(step, keys, new) for step in value]
    inner = (value or {}).get(keys[0], {})
    return {**(value or {}), keys[0]: put(inner, keys[1:], new)}


def step_with(step: Any, keys: Sequence[str], new: Any) -> Any:
    """The step, changed if it is the one of that name."""
    if not isinstance(step, dict):
        return step
    ((kind, settings),) = step.items()
    if (settings or {}).get("name") != keys[0]:
        return step
    return {kind: put(settings, keys[1:], new)}
