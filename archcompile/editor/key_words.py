"""What a key means, what it may be and what it is unless given: from the JSON Schema of specs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from archcompile.editor.slots import OF_MERGE, OF_OP, OF_ROW, OF_STAGE, OF_STEP, Slot
from archcompile.ops import REGISTRY
from archcompile.shipped import Kind
from archcompile.spec.language import SPLIT
from archcompile.spec.schema import Schema, library_schema, spec_schema

_OF_BLOCKS, _OF_RULES = ("inputs",), ("changes_shape",)  # that the other shelf has not


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWords:
    """`options` are the words that a value may be; `has_default` since the default may be null."""

    about: str
    options: tuple[Any, ...] = ()
    default: Any = None
    has_default: bool = False
    example: Any = None


@cache
def _schema(kind: Kind) -> Schema:
    if kind == "recipe":
        from archcompile.recipe import recipe_schema

        return recipe_schema()
    if kind == "experiment":
        from archcompile.experiments import experiment_schema

        return experiment_schema()
    return library_schema() if kind == "library" else spec_schema()


def keys_of_slot(slot: Slot, kind: Kind) -> Mapping[str, KeyWords]:
    """The fixed keys of a map in the language; arguments and names are not among them."""
    form = _form(slot, _schema(kind))
    properties = form.get("properties", {})
    keys = _keys_to_show(slot, list(properties))
    return {key: _words(_resolve(properties[key], _schema(kind))) for key in keys}


def _keys_to_show(slot: Slot, keys: list[str]) -> list[str]:
    """A row as a step has other keys than a stage's row, a rule others than a block.

    Their schemas have both.
    """
    if slot.kind == "definition":
        others = _OF_RULES if slot.shelf == "blocks" else _OF_BLOCKS
        return [key for key in keys if key not in others]
    if slot.kind == "stage":
        return [key for key in keys if key in (*OF_STAGE, *OF_ROW)]
    if slot.kind == "attributes" and slot.name not in (*REGISTRY, "shortcut", SPLIT):
        return [key for key in keys if key in (*OF_STEP, *OF_ROW)]
    return keys


def _form(slot: Slot, schema: Schema) -> Schema:
    """The schema of the map at a slot."""
    definitions: Schema = schema.get("$defs", {})
    match slot.kind:
        case "file":
            return schema
        case "claims":
            claims: Schema = schema["properties"].get("expect", {})
            return claims
        case "definition":
            block: Schema = definitions["block"]["else"]
            return block
        case "attributes" if slot.name in ("shortcut", SPLIT):
            step: Schema = definitions[slot.name]
            return step
        case "attributes" if slot.name in REGISTRY:
            op: Schema = definitions[f"op_{slot.name}"]
            return op
        case "stage" | "attributes":
            return _with_steps(definitions)
        case "edge":
            return {"properties": {"shortcut": definitions["row"]["properties"]["shortcut"]}}
        case "kind defaults" if slot.name in REGISTRY:
            op = definitions[f"op_{slot.name}"]
            besides = (*OF_STEP, *OF_OP, *OF_MERGE)
            properties = {k: v for k, v in op["properties"].items() if k not in besides}
            return {"properties": properties}
    return {}


def _with_steps(definitions: Schema) -> Schema:
    """The keys of a row, and those of a stage that a child puts in its place."""
    row, stage = definitions["row"]["properties"], definitions["stage"]["then"]["properties"]
    return {"properties": {**row, "steps": stage["steps"]}}


def op_about(kind: str) -> str:
    """What an op does, in a sentence."""
    form = _schema("spec")["$defs"][f"op_{kind}"]
    return str(form["description"])


def attribute_words_of(op: str, attribute: str) -> KeyWords | None:
    """What an attribute of an op means."""
    return keys_of_slot(Slot(kind="attributes", name=op), "spec").get(attribute)


def form_at(kind: Kind, path: tuple[str | int, ...]) -> Schema:
    """The schema at a path of a recipe or an experiment, which have no slots."""
    form = schema = _schema(kind)
    for part in path:
        form = _inner(_resolve(form, schema), part)
    return _resolve(form, schema)


def _inner(form: Schema, part: str | int) -> Schema:
    """The schema of a key or an item, by all the forms that have it."""
    inner = [
        each.get("items") if isinstance(part, int) else each.get("properties", {}).get(part)
        for each in (form, *form.get("anyOf", ()))
    ]
    schemas = [each for each in inner if isinstance(each, dict)]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def keys_of_form(form: Schema) -> Mapping[str, KeyWords]:
    """The keys of a map by its schema."""
    keys: dict[str, KeyWords] = {}
    for each in (form, *form.get("anyOf", ())):
        keys.update({key: _words(inner) for key, inner in each.get("properties", {}).items()})
    return keys


def words_of_form(form: Schema) -> KeyWords:
    return _words(form)


def _resolve(form: Schema, schema: Schema) -> Schema:
    """A schema with the definition that it refers to."""
    if "$ref" not in form:
        return form
    target = schema["$defs"][form["$ref"].removeprefix("#/$defs/")]
    return {**target, **{key: value for key, value in form.items() if key != "$ref"}}


def _words(form: Schema) -> KeyWords:
    examples = form.get("examples", [])
    return KeyWords(
        about=str(form.get("description", "")),
        options=tuple(_options(form)),
        default=form.get("default"),
        has_default="default" in form,
        example=examples[0] if examples else None,
    )


def _options(form: Schema) -> list[Any]:
    options: list[Any] = []
    for each in (form, *form.get("anyOf", ())):
        options += each.get("enum", [])
        options += [each["const"]] if "const" in each else []
        types = each.get("type", ())
        if "boolean" in ([types] if isinstance(types, str) else types):
            options += [True, False]
    return options
