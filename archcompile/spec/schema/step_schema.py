"""JSON Schema of steps: ops with their attributes, blocks as steps, and `shortcut`."""

from typing import Any

from archcompile.ops import REGISTRY, Op, attribute_words, example
from archcompile.spec.check import attribute_names
from archcompile.spec.language import NAME, SPLIT
from archcompile.spec.schema.json_schema import (
    Schema,
    closed_map,
    of_model,
    one_line_paragraphs,
    or_expression,
    text,
    words,
)
from archcompile.spec.schema.known import Known


def step_definitions() -> Schema:
    """What steps refer to: each op, and each attribute once for its steps and its `defaults`."""
    ops = {f"op_{kind}": _op(op) for kind, op in REGISTRY.items()}
    attributes = {
        f"{kind}.{name}": form
        for kind, op in REGISTRY.items()
        for name, form in _attributes(op).items()
    }
    return {**ops, **attributes, "shortcut": _shortcut_step(), SPLIT: _split_step()}


def step(known: Known, *more: str) -> Schema:
    """One step: a bare word, or a map with one key."""
    kinds = {kind: {"$ref": f"#/$defs/op_{kind}"} for kind in REGISTRY}
    kinds |= {name: {"$ref": f"#/$defs/row_{name}"} for name in known.blocks}
    kinds |= {name: {"$ref": f"#/$defs/{name}"} for name in (SPLIT, *more)}
    unknown_block: Any = {"$ref": "#/$defs/row"}
    word: Schema = {"anyOf": [{"enum": list(kinds)}, {"pattern": NAME}]}
    if known.is_complete:
        unknown_block, word = False, {"enum": list(kinds)}
    with_attributes = {
        "type": "object",
        "properties": kinds,
        "additionalProperties": unknown_block,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [{"type": "string", **word}, with_attributes]}


def modifiers() -> Schema:
    """The keys that every step may have."""
    name = {"type": "string", "pattern": NAME}
    condition = or_expression({"type": "boolean"})
    return {
        "name": words(name, "Names the point after this step; other steps refer to it.", "preact"),
        "from": text(
            "Start at this point instead of the step above; `input` is the start of the list.",
            "preact",
        ),
        "if": words(condition, "When false, the step is left out.", "$(stride > 1)"),
        "allow": {"$ref": "#/$defs/allow"},
    }


def repeat() -> Schema:
    count = or_expression({"type": "integer", "minimum": 1})
    about = "How many times this is repeated; a step's values see `turn` of `turns`."
    return words(count, about, 3, "$n")


def _op(op: type[Op]) -> Schema:
    properties = {**references(op), **modifiers(), "repeat": repeat()}
    form: Schema = {"type": ["object", "null"]}
    if op.arity[0] > 1:
        properties |= _operands()
        form = {"type": "object", "oneOf": [{"required": ["with"]}, {"required": ["branches"]}]}
    if op.sized_by:
        point = words({"type": "string"}, f"Stands for `{op.sized_by}`: the size there.", "skip")
        properties |= {"with": point}
        form |= {"not": {"required": [op.sized_by, "with"]}}
    about = one_line_paragraphs(op.__doc__ or "").split("\n\n")[0]
    return words({**closed_map(properties), **form}, about, *_attributes_of_step(example(op)))


def operands(about: str, example: str) -> Schema:
    """The names of points that are further inputs."""
    return words({"type": ["string", "array"], "items": {"type": "string"}}, about, example)


def _operands() -> Schema:
    """The two ways to name what a merge takes besides the step above."""
    branches = {"type": "object", "additionalProperties": {"$ref": "#/$defs/body"}}
    return {
        "with": operands("The further operands, by the names of their points.", "branch"),
        "branches": words(
            branches, "Lists of steps that start here, merged in this order; [] is the input."
        ),
    }


def _attributes_of_step(step: Any) -> tuple[Any, ...]:
    """The attributes of a step as it is written; none of a bare word."""
    return tuple(step.values()) if isinstance(step, dict) else ()


def _attributes(op: type[Op]) -> Schema:
    """The attributes of an op by its class, with their words; those that must be given say so."""
    schema = of_model(op)
    required = schema.get("required", [])
    attributes = {}
    for name, form in schema["properties"].items():
        about, shown = attribute_words(op, name)
        if name in required:
            about = f"{about} Must be given."
        bare = {key: value for key, value in form.items() if key not in ("description", "examples")}
        attributes[name] = words(or_expression(bare), about, shown)
    return attributes


def references(op: type[Op]) -> Schema:
    """The attributes of an op, each by reference to its definition."""
    return {name: {"$ref": f"#/$defs/{op.kind}.{name}"} for name in attribute_names(op)}


def _shortcut_step() -> Schema:
    rule = words(
        {"$ref": "#/$defs/choice"}, "The rule where neither stage nor spec chooses one.", "identity"
    )
    return words(
        {**closed_map({**modifiers(), "rule": rule}), "type": ["object", "null"]},
        "Where the skip path of the block joins, by the rule that the stage or the spec chooses.",
        {"from": "preact"},
    )


def _split_step() -> Schema:
    """A map in parts; it is the parts that have names."""
    names = {"type": "array", "items": {"type": "string", "pattern": NAME}, "minItems": 2}
    size = or_expression({"type": "integer", "minimum": 1})
    sizes = {"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": size}
    parts = words(
        {"anyOf": [names, {**sizes, "minProperties": 2}]},
        "Names of equal parts, or names with the number of channels of each.",
        ["left", "right"],
        {"left": 16, "right": 48},
    )
    keys = {key: form for key, form in modifiers().items() if key != "name"}
    return words(
        closed_map({**keys, "parts": parts}, required=["parts"]),
        "The channels in parts, which later steps take by `from` and `with`; the list goes on with "
        "the last part.",
        {"parts": ["left", "right"]},
    )
