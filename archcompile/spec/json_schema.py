"""JSON Schema (draft 2020-12) for editors, from pydantic models: without titles, references and noise."""

from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXPRESSION = r"^\$"  # `$name` or `$(…)` may stand wherever a value may
_IN_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list"}
_RENAMED = {"minLength": "minItems", "maxLength": "maxItems"}  # pydantic's bounds of a tuple that is read from a list


def of_model(model: type[BaseModel]) -> Schema:
    """The schema of a model: self-contained, tuples of equal numbers as one number."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})
    cleaned: Schema = _clean(schema, definitions)
    return cleaned


def _clean(value: Any, definitions: Schema) -> Any:
    if isinstance(value, list):
        return [_clean(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        target = definitions[value["$ref"].removeprefix("#/$defs/")]
        return _clean({**target, **{k: v for k, v in value.items() if k != "$ref"}}, definitions)
    is_list = value.get("type") == "array"
    found = {}
    for key, item in value.items():
        if key == "properties":
            found[key] = {name: _clean(inner, definitions) for name, inner in item.items()}
        elif key == "default":
            found.update(_default(item))
        elif key not in ("title", "discriminator"):
            found[_RENAMED.get(key, key) if is_list else key] = _clean(item, definitions)
    return _merged({("anyOf" if key == "oneOf" else key): item for key, item in found.items()})


def _default(value: Any) -> Schema:
    if value is None or isinstance(value, dict):
        return {}
    if isinstance(value, list | tuple) and len(value) > 1 and len(set(value)) == 1:
        return {"default": next(iter(value))}
    return {"default": value}


def _merged(schema: Schema) -> Schema:
    """`anyOf` of different plain types as one schema with several types: an editor can then say what is wrong."""
    choices = schema.get("anyOf")
    if not choices or not all(isinstance(c.get("type"), str) and not {"enum", "const"} & c.keys() for c in choices):
        return schema
    types = [c["type"] for c in choices]
    keys = [key for c in choices for key in c if key != "type"]
    if len(set(types)) != len(types) or len(set(keys)) != len(keys):
        return schema
    rest = {key: item for key, item in schema.items() if key != "anyOf"}
    bounds = {key: item for c in choices for key, item in c.items() if key != "type"}
    return {**rest, "type": types, **bounds}


def or_expression(schema: Schema) -> Schema:
    """A schema whose values may be expressions, at every level. Bounds of numbers do not touch texts, nor the reverse.

    `patternErrorMessage` is what language servers say instead of the pattern; validators know no such key and pass it over.
    """
    found = _inside(schema)
    if "anyOf" in found:
        found["anyOf"] = [*map(_inside, found["anyOf"]), {"type": "string", "pattern": EXPRESSION}]
        return found
    if "enum" in found or "const" in found:
        own = {key: found.pop(key) for key in ("enum", "const", "type") if key in found}
        return {**found, "anyOf": [own, {"type": "string", "pattern": EXPRESSION}]}
    types = found.get("type")
    kinds = [types] if isinstance(types, str) else list(types or ())
    if not kinds or {"string", "object"} & set(kinds):  # a text may be one anyway, a map never is
        return found
    wanted = " or ".join(_IN_WORDS[kind] for kind in kinds if kind != "null")
    return {**found, "type": [*kinds, "string"], "pattern": EXPRESSION,
            "patternErrorMessage": f"expected {wanted}, or an expression: $name or $(…)"}  # fmt: skip


def _inside(schema: Schema) -> Schema:
    """What a map or a list holds open to expressions, itself not."""
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {name: or_expression(inner) for name, inner in found["properties"].items()}
    if isinstance(found.get("items"), dict):
        found["items"] = or_expression(found["items"])
    return found


def closed(properties: Schema, **more: Any) -> Schema:
    """A map with these keys and no others."""
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def words(schema: Schema, description: str, *examples: Any) -> Schema:
    return {**schema, "description": description, **({"examples": list(examples)} if examples else {})}


def text(description: str, *examples: Any, **more: Any) -> Schema:
    return words({"type": "string", **more}, description, *examples)


def texts(description: str, *examples: Any, **more: Any) -> Schema:
    return words({"type": "array", "items": {"type": "string", **more}}, description, *examples)


def document(schema: Schema, description: str) -> Schema:
    """A whole schema with its heading; a title would stand above every hint of an editor."""
    return {"$schema": DIALECT, **schema, "description": description}
