"""A marked YAML map becomes a pydantic model; every mistake a diagnostic at its own place."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from archcompile.errors import Diagnostic, Location, SpecError, did_you_mean
from archcompile.spec.language.file_forms import NAMES
from archcompile.spec.language.value_hints import choice_hint, length_hint, type_hint, value_hint
from archcompile.spec.yaml import (
    Map,
    Scalar,
    Seq,
    Tree,
    expect_map,
    flow,
    hint_at,
    kind_of,
    plain,
)

M = TypeVar("M", bound=BaseModel)


class Refused(ValueError):
    """For validators of models: a mistake with a code and a hint of its own."""

    def __init__(self, code: str, message: str, hint: str | None = None):
        super().__init__(message)
        self.code = code
        self.hint = hint


def build(model: type[M], tree: Tree, what: str) -> M:
    """The model described by a map, which messages call `what`.

    Raises SpecError with all mistakes at once.
    """
    return validate(model, plain(expect_map(tree, what)), tree, what=what)


def validate(model: type[M], values: Any, tree: Tree, *, what: str) -> M:
    """As `build`, where the values are evaluated already and `tree` only has their places."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise SpecError(list(_diagnostics(error, model, tree, what=what))) from None


def mistakes(model: type[BaseModel], values: Any, tree: Tree, *, what: str) -> list[Diagnostic]:
    """What is wrong with single values; what a model's values must be together is not looked at."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        return list(_diagnostics(error, model, tree, what=what, single=True))
    return []


def _diagnostics(
    error: ValidationError, model: type[BaseModel], tree: Tree, *, what: str, single: bool = False
) -> Iterable[Diagnostic]:
    """The errors of pydantic as diagnostics; `single` leaves out those of the model as a whole."""
    seen: set[tuple[Location, str]] = set()
    typos: set[str] = set()
    items = _at_short_lists(
        _at_key_of_kind(item)
        for item in error.errors(include_url=False)
        if item["loc"] or not single
    )
    expected = _expected_kinds(tree, items)
    # typos first: they explain a missing key
    for item in sorted(items, key=lambda item: item["type"] == "missing"):
        if item["type"] == "too_short" and item["ctx"]["actual_length"] < len(item["input"]):
            continue  # only the items without a mistake were counted
        at, key_at, path = _place(tree, item["loc"])
        kinds = " or ".join(expected.get(at, ()))
        code, message, hint = _describe(item, model, what, path=path, expected=kinds)
        if item["loc"][-1:] == ("[key]",):
            at = key_at
        elif item["type"] == "extra_forbidden":
            typos.update(re.findall(r"did you mean `(\w+)`", hint or ""))
            at = key_at
        elif item["type"] == "missing":
            if item["loc"][-1] in typos:
                continue
            at = key_at
        if (at, message) not in seen:
            seen.add((at, message))
            yield Diagnostic(code=code, message=message, location=at, hint=hint_at(at, code, hint))


def _at_key_of_kind(item: Any) -> Any:
    """A mistake in the `kind` of a map, moved from the whole map to that key."""
    if item["type"] not in ("union_tag_invalid", "union_tag_not_found"):
        return item
    key = item["ctx"]["discriminator"].strip("'")
    kind = "missing" if item["type"] == "union_tag_not_found" else item["type"]
    return {**item, "type": kind, "loc": (*item["loc"], key), "input": item["ctx"].get("tag")}


def _at_short_lists(items: Iterable[Any]) -> list[Any]:
    """Each value that a list lacks, as a mistake in the length of the list: one for all of it."""
    items = list(items)
    lengths: dict[tuple[int | str, ...], int] = {}
    for item in items:
        *above, last = item["loc"] or ("",)
        if item["type"] == "missing" and isinstance(last, int):
            lengths[tuple(above)] = max(last + 1, lengths.get(tuple(above), 0))

    def at_list(item: Any) -> Any:
        loc = item["loc"][:-1]
        if item["type"] != "missing" or loc not in lengths:
            return item
        length = {"min_length": lengths[loc], "actual_length": len(item["input"])}
        return {**item, "type": "too_short", "loc": loc, "ctx": length}

    return [at_list(item) for item in items]


def _expected_kinds(tree: Tree, items: Iterable[Any]) -> dict[Location, list[str]]:
    """The kinds of values that would do, by place: each choice of a union has its own error."""
    expected: dict[Location, list[str]] = {}
    for item in items:
        if item["type"] in _EXPECTED:
            kind = _EXPECTED[item["type"]]
            kinds = expected.setdefault(_place(tree, item["loc"])[0], [])
            if kind not in kinds:
                kinds.append(kind)
    return expected


def _place(tree: Tree, loc: tuple[int | str, ...]) -> tuple[Location, Location, list[str]]:
    """The place of a value, that of its key, and its path.

    Parts of `loc` that are no YAML keys (unions) are skipped.
    """
    at = key_at = tree.at
    path: list[str] = []
    for part in loc:
        if isinstance(tree, Map) and part in tree.entries:
            entry = tree.entries[str(part)]
            tree, at, key_at = entry.value, entry.value.at, entry.at
            path.append(str(part))
        elif isinstance(tree, Seq) and isinstance(part, int) and part < len(tree.items):
            tree = tree.items[part]
            at = key_at = tree.at
            path.append(str(part))
    return at, key_at, path


def _owners(model: type[BaseModel], loc: Iterable[int | str]) -> list[type[BaseModel]]:
    """The models of the map at `loc`: the form that its `kind` chose, else all possible ones."""
    current = [model]
    for part in loc:
        fields = [owner.model_fields[str(part)] for owner in current if part in owner.model_fields]
        if fields:
            current = [inner for info in fields for inner in _models(info.annotation)]
        else:
            current = [owner for owner in current if part in _values_of_kind(owner)] or current
    return current


def _key_hint(name: object, owners: Sequence[type[BaseModel]]) -> str:
    """For a key that no model has.

    `ELSEWHERE` of a model says where words of other tools belong.
    """
    for owner in owners:
        words = getattr(owner, "ELSEWHERE", {})
        if name in words:
            return str(words[name])
    return did_you_mean(name, dict.fromkeys(key for owner in owners for key in owner.model_fields))


def _example(kind: str, path: list[str], model: type[BaseModel]) -> str | None:
    """A list or a map as it may stand at a key, where the value is none; None for other values."""
    if not path or _EXPECTED.get(kind, "a list") not in ("a list", "a map"):
        return None
    *above, name = path
    fields = [owner.model_fields.get(name) for owner in _owners(model, above)]
    info = next((info for info in fields if info and info.examples), None)
    if info is None or not info.examples:
        return None
    words = f"for instance `{name}: {flow(info.examples[0])}`"
    has_form = info.description is not None and info.description.startswith("[")
    return f"{info.description}, {words}" if has_form else words


def _values_of_kind(model: type[BaseModel]) -> tuple[Any, ...]:
    """The values of `kind` by which a model is chosen among others."""
    return get_args(model.model_fields["kind"].annotation) if "kind" in model.model_fields else ()


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)


def _describe(
    item: Any, model: type[BaseModel], what: str, *, path: list[str], expected: str
) -> tuple[str, str, str | None]:
    """(code, message, hint) of one pydantic error; `expected` are kinds that would do."""
    kind, value, context = item["type"], item["input"], item.get("ctx", {})
    name = item["loc"][-1] if item["loc"] else what
    if kind == "extra_forbidden":
        hint = _key_hint(name, _owners(model, item["loc"][:-1]))
        return "unknown-key", f"{what} has no '{name}'", hint
    label = f"'{'.'.join(path)}' of {what}" if path else what
    if kind == "missing":
        return "missing-key", f"{what} needs '{name}'", None
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        words = str(context.get("expected") or context.get("expected_tags", ""))
        options = re.findall(r"'([^']*)'", words) or [words]  # numbers have no quotes
        message = f"{label} cannot be {_value_words(value)}"
        hint = value_hint(model, path, value) or choice_hint(value, options)
        return "wrong-type", message, hint
    if kind in _EXPECTED:
        message = f"{label}: expected {expected}, got {_value_words(value)}"
        return "wrong-type", message, type_hint(kind, value) or _example(kind, path, model)
    if kind in _BOUNDS:
        bound = next(iter(context.values()))
        message = f"{label}: expected {_BOUNDS[kind]} {bound}, got {_value_words(value)}"
        return "out-of-range", message, value_hint(model, path, value)
    if kind == "string_pattern_mismatch" and context["pattern"] in NAMES:
        return "reserved-name", f"'{value}' is not a valid name", NAMES[context["pattern"]]
    if kind == "value_error":
        return _describe_refusal(context["error"], label)
    if kind in ("too_short", "too_long"):
        actual = context["actual_length"]
        count = context.get("min_length", context.get("max_length"))
        values = "at least 1 value" if count == 1 else f"{count} values"
        remedy = length_hint(model, path, value, count=count) or _example(kind, path, model)
        return "wrong-type", f"{label}: expected {values}, got {actual}", remedy
    return "wrong-type", f"{label}: {item['msg']}", None


def _describe_refusal(error: ValueError, label: str) -> tuple[str, str, str | None]:
    """(code, message, hint) of what a validator of a model raised."""
    if isinstance(error, Refused):
        return error.code, f"{label}: {error}", error.hint
    return "out-of-range", f"{label}: {error}", None


_EXPECTED = {
    "number_or_list": "a whole number or a list",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "finite_number": "a finite number",
    "model_attributes_type": "a map",
}
_BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}


def _value_words(value: Any) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, (list, tuple)):
        return f"the list {list(value)}"
    if not isinstance(value, str | int | float | bool | None):
        return repr(value)
    return kind_of(Scalar(value, Location(file="", line=1, column=1)))
