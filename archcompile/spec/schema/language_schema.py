"""The language as JSON Schema, for editors: specs and libraries, in general or for one spec.

It never refuses what archc accepts. What needs the whole spec (attributes that `defaults` gives,
shapes, names of points) is left to archc.
"""

from typing import Any

from archcompile.ops import REGISTRY, example
from archcompile.spec.language import FILE_NAME, NAME, REMARKS, WARNINGS, Library, SpecFile
from archcompile.spec.schema.block_schema import block_definitions, block_form
from archcompile.spec.schema.json_schema import (
    Schema,
    closed_map,
    document,
    or_expression,
    text,
    texts,
    words,
)
from archcompile.spec.schema.known import Known
from archcompile.spec.schema.step_schema import step, step_definitions


def spec_schema(known: Known | None = None) -> Schema:
    """The schema of a spec file."""
    forms = _top(SpecFile, known or Known())
    needs_input = {"if": {"not": {"required": ["extends"]}}, "then": {"required": ["input"]}}
    schema = closed_map(forms, required=["archc"], **needs_input)
    return document(
        {**schema, "$defs": _definitions(known or Known())},
        "A convolutional network: a stem, stages of repeated blocks, a head.",
    )


def library_schema(known: Known | None = None) -> Schema:
    """The schema of a file of blocks and shortcut rules."""
    schema = closed_map(_top(Library, known or Known()), required=["archc"])
    return document(
        {**schema, "$defs": _definitions(known or Known())},
        "Blocks and shortcut rules, brought into a spec by `uses`.",
    )


def _top(model: type[SpecFile] | type[Library], known: Known) -> Schema:
    """The keys of a file: their forms from here, their words from the model."""
    forms = _forms(known)
    return {
        key: {**forms[key], "description": info.description}
        for key, info in model.model_fields.items()
    }


def _forms(known: Known) -> Schema:
    """The form of every key of a file, without words."""
    block = {"$ref": "#/$defs/block"}
    return {
        "archc": {"const": 1, "examples": [1]},
        "name": text("", "my_net", pattern=FILE_NAME),
        "about": text("", "A net of 20 layers for CIFAR-10 (author and year, section 4.2)"),
        "extends": text("", "parent.yaml"),
        "remove": texts("", ["stages.s4", "defaults.conv.l2"]),
        "uses": texts("", ["blocks/residual.yaml"]),
        "vars": _by_name(
            _value(None),
            {"depth": 20, "n": "$((depth - 2) / 6)"},
            properties=_variables(known),
        ),
        "blocks": _by_name(
            block, {"down": [{"max_pool": {"size": 2}}, {"dropout": {"rate": 0.2}}]}
        ),
        "shortcuts": _by_name(block, {"identity": [{"add": {"with": "branch"}}]}),
        **_network_forms(),
        "expect": _expect(),
        "train": text("", "article"),
        "allow": {"$ref": "#/$defs/allow"},
    }


def _network_forms() -> Schema:
    """The forms of the keys that make up the network itself."""
    steps = {"$ref": "#/$defs/steps"}
    return {
        "input": {
            "type": "array",
            "items": or_expression({"type": "integer", "minimum": 1}),
            "minItems": 3,
            "maxItems": 3,
            "examples": SpecFile.model_fields["input"].examples,
        },
        "defaults": {"$ref": "#/$defs/defaults"},
        "shortcut": {"$ref": "#/$defs/choice"},
        "stem": steps,
        "head": steps,
        "stages": _by_name(
            {"if": {"type": "array"}, "then": steps, "else": {"$ref": "#/$defs/stage"}},
            {"s1": {"block": "basic", "repeat": 3, "filters": 16}},
        ),
        "outputs": {
            "type": "object",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {"type": "string"},
            "minProperties": 1,
            "examples": [{"c3": "s2", "c4": "s3"}],
        },
    }


def _by_name(value: Schema, example: Any, **more: Any) -> Schema:
    """A map from names to values of one form."""
    names = {"type": "object", "propertyNames": {"pattern": NAME}}
    return {**names, **more, "additionalProperties": value, "examples": [example]}


def _variables(known: Known) -> Schema:
    return {
        name: words(_value(value), f"A variable of this spec, {value} unless it is set.", value)
        for name, value in known.variables.items()
    }


def _value(like: Any) -> Schema:
    """Any value, or one like this: a number stays a number, or becomes an expression."""
    if isinstance(like, bool):
        return or_expression({"type": "boolean"})
    if isinstance(like, int | float):
        return or_expression({"type": "number"})
    return {"type": ["number", "boolean", "string", "array"]}


def _expect() -> Schema:
    """The claims that a spec may make."""
    count = or_expression({"type": "integer", "minimum": 0})
    shape = or_expression({"type": "array", "items": {"type": "integer", "minimum": 1}})
    claims = {
        "depth": words(count, "The most weighted layers on a path.", 20, "$depth"),
        "params": words(count, "Parameters in all.", 274442),
        "trainable": words(count, "Parameters that training changes.", 273066),
        "non_trainable": words(
            count, "Parameters that training does not change: moving means and variances.", 1376
        ),
        "macs": words(
            count, "Multiply-adds of convolutions and dense layers for one image.", 40813184
        ),
        "attention_macs": words(
            count, "Multiply-adds of the products within attention for one image.", 802816
        ),
        "joins": words(count, "Places where a shortcut joins.", 9),
        "output": words(
            {"type": ["array", "string"]},
            "Shape of the output, a list of shapes where there are several.",
            [10],
        ),
        "shapes": words(
            {"type": "object", "additionalProperties": shape},
            "Shapes of parts or outputs.",
            {"s1": [32, 32, 16]},
        ),
    }
    return words(closed_map(claims), "", {"depth": "$depth", "params": 274442})


def _definitions(known: Known) -> Schema:
    """What the forms of keys refer to."""
    return {
        "allow": texts(
            "Codes of warnings that are meant; `archc explain CODE` explains them.",
            ["bias-before-bn"],
            enum=[*WARNINGS, *REMARKS],
        ),
        **step_definitions(),
        **block_definitions(known),
        "steps": {
            "type": "array",
            "items": step(known),
            "examples": [[example(REGISTRY["conv"]), "bn", "relu"]],
        },
        "body": {"type": "array", "items": step(known, "shortcut")},
        "block": {"if": {"type": "array"}, "then": {"$ref": "#/$defs/body"}, "else": block_form()},
    }
