"""JSON Schema (draft 2020-12) for editors, from pydantic models: no titles, no references."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXPRESSION = r"^\$"  # `$name` or `$(…)` may stand wherever a value may
_IN_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
}
# pydantic's bounds of a tuple that is read from a list
_OF_TUPLES = {"minLength": "minItems", "maxLength": "maxItems"}


def of_model(model: type[BaseModel]) -> Schema:
    """The schema of a model: self-contained, tuples of equal numbers as one number."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})
    cleaned: Schema = _clean(schema, definitions)
    return cleaned


def _clean(value: Any, definitions: Schema) -> Any:
    """A part of a schema with its references put in and titles left out."""
    if isinstance(value, list):
        return [_clean(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        target = definitions[value["$ref"].removeprefix("#/$defs/")]
        return _clean({**target, **{k: v for k, v in value.items() if k != "$ref"}}, definitions)
    cleaned: Schema = {}
    renamed: Mapping[str, str] = _OF_TUPLES if value.get("type") == "array" else {}
    for key, item in value.items():
        if key == "properties":
            cleaned[key] = {name: _clean(inner, definitions) for name, inner in item.items()}
        elif key == "default":
            cleaned.update(_default(item))
        elif key == "description":
            cleaned[key] = one_line_paragraphs(item)
        elif key == "oneOf":
            cleaned["anyOf"] = _clean(item, definitions)
        elif key not in ("title", "discriminator"):
            cleaned[renamed.get(key, key)] = _clean(item, definitions)
    return _merge_plain_types(cleaned)


def one_line_paragraphs(text: str) -> str:
    """A docstring without the line breaks that the width of the source asks for."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _default(value: Any) -> Schema:
    if value is None or isinstance(value, dict):
        return {}
    if isinstance(value, list | tuple) and len(value) > 1 and len(set(value)) == 1:
        return {"default": next(iter(value))}
    return {"default": value}


def _merge_plain_types(schema: Schema) -> Schema:
    """`anyOf` of plain types as one schema with several types: editors then say what is wrong."""
    choices = schema.get("anyOf")
    if not choices or not all(map(_is_plain_type, choices)):
        return schema
    types = [choice["type"] for choice in choices]
    bounds = [item for choice in choices for item in choice.items() if item[0] != "type"]
    if len(set(types)) != len(types) or len(dict(bounds)) != len(bounds):
        return schema
    rest = {key: item for key, item in schema.items() if key != "anyOf"}
    return {**rest, "type": types, **dict(bounds)}


def _is_plain_type(schema: Schema) -> bool:
    return isinstance(schema.get("type"), str) and not {"enum", "const"} & schema.keys()


def or_expression(schema: Schema) -> Schema:
    """A schema whose values may be expressions, at every level.

    Bounds of numbers do not apply to texts, nor patterns to numbers. Language servers show
    `patternErrorMessage` instead of the pattern; validators ignore that key.
    """
    opened = _inside(schema)
    expression = {"type": "string", "pattern": EXPRESSION}
    if "anyOf" in opened:
        opened["anyOf"] = [*map(_inside, opened["anyOf"]), expression]
        return opened
    if "enum" in opened or "const" in opened:
        values = {key: opened.pop(key) for key in ("enum", "const", "type") if key in opened}
        return {**opened, "anyOf": [values, expression]}
    types = opened.get("type")
    kinds = [types] if isinstance(types, str) else list(types or ())
    if not kinds or {"string", "object"} & set(kinds):  # a text may be one anyway, a map never is
        return opened
    expected = " or ".join(_IN_WORDS[kind] for kind in kinds if kind != "null")
    return {
        **opened,
        "type": [*kinds, "string"],
        "pattern": EXPRESSION,
        "patternErrorMessage": f"expected {expected}, or an expression: $name or $(…)",
    }


def _inside(schema: Schema) -> Schema:
    """The values in a map or list may be expressions; the map or list itself may not."""
    opened = dict(schema)
    if "properties" in opened:
        opened["properties"] = {
            name: or_expression(inner) for name, inner in opened["properties"].items()
        }
    if isinstance(opened.get("items"), dict):
        opened["items"] = or_expression(opened["items"])
    return opened


def closed_map(properties: Schema, **more: Any) -> Schema:
    """A map with these keys and no others."""
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def words(schema: Schema, description: str, *examples: Any) -> Schema:
    """A schema with what editors show of it."""
    shown: Schema = {"description": description}
    if examples:
        shown["examples"] = list(examples)
    return {**schema, **shown}


def text(description: str, *examples: Any, **more: Any) -> Schema:
    return words({"type": "string", **more}, description, *examples)


def texts(description: str, *examples: Any, **more: Any) -> Schema:
    return words({"type": "array", "items": {"type": "string", **more}}, description, *examples)


def document(schema: Schema, description: str) -> Schema:
    """A whole schema with its heading; a title would stand above every hint of an editor."""
    return {"$schema": DIALECT, **schema, "description": description}
