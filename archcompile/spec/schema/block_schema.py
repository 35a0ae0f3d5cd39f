"""JSON Schema of blocks and shortcut rules: their form, their use in rows, and `defaults`."""

from collections.abc import Mapping
from typing import Any

from archcompile.ops import REGISTRY
from archcompile.spec.language import NAME, Argument, Block
from archcompile.spec.loading import TYPES
from archcompile.spec.schema.json_schema import (
    Schema,
    closed_map,
    or_expression,
    text,
    texts,
    words,
)
from archcompile.spec.schema.known import Known
from archcompile.spec.schema.step_schema import modifiers, operands, references, repeat
from archcompile.spec.yaml import plain

ANYTHING: Schema = {}
JSON_TYPES: Mapping[str, Schema] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "str": {"type": "string"},
    "pair": {"type": ["integer", "array"]},
}


def block_definitions(known: Known) -> Schema:
    """What refers to blocks and rules: rows, choices of shortcut, `defaults`."""
    return {
        "stage": {
            "if": {"type": "object", "required": ["steps"]},
            "then": _stage_in_place(),
            "else": {"$ref": "#/$defs/row"},
        },
        "row": _any_row(known),
        **{f"row_{name}": _row(block) for name, block in known.blocks.items()},
        "choice": _choice(known),
        "defaults": _defaults(known),
    }


# ---- rows ----------------------------------------------------------------------------------------


def _row_keys() -> Schema:
    edge = {"type": "object"}
    about = "Arguments, or `shortcut`, of the {} unit, or turn, alone."
    return {
        "with": operands("The block's `inputs` but the first, by the names of their points.", "s2"),
        "repeat": repeat(),
        "first": words(edge, about.format("first"), {"stride": 2}),
        "last": words(edge, about.format("last"), {"stride": 2}),
        "shortcut": {"$ref": "#/$defs/choice"},
        "defaults": {"$ref": "#/$defs/defaults"},
        "allow": {"$ref": "#/$defs/allow"},
    }


def _after() -> Schema:
    return text(
        "In a spec that extends another: the stage that this one comes after, or `stem` for the "
        "first place.",
        "s1",
    )


def _stage_in_place() -> Schema:
    """A stage of a child as a list of steps, with its place."""
    steps = words({"$ref": "#/$defs/steps"}, "The stage as a list of steps.")
    return closed_map({"after": _after(), "steps": steps}, required=["after", "steps"])


def _any_row(known: Known) -> Schema:
    """A stage's row, or a block as a step; which arguments it has depends on the block."""
    block = text("The block that is repeated.", *known.blocks, pattern=NAME)
    if known.is_complete:
        block = {**block, "enum": list(known.blocks)}
    by_block = [
        {
            "if": {"properties": {"block": {"const": name}}, "required": ["block"]},
            "then": {"$ref": f"#/$defs/row_{name}"},
        }
        for name in known.blocks
    ]
    row: Schema = {
        "type": ["object", "null"],
        "properties": {"block": block, "after": _after(), **modifiers(), **_row_keys()},
    }
    return {**row, "allOf": by_block} if by_block else row


def _row(block: Block) -> Schema:
    """How one block is used: as a stage's row (with `block`) or as a step."""
    arguments = _arguments(block.arguments)
    edge = closed_map({**arguments, "shortcut": {"$ref": "#/$defs/choice"}})
    keys = _row_keys()
    keys |= {"first": {**keys["first"], **edge}, "last": {**keys["last"], **edge}}
    place = {"block": {"const": block.name}, "after": _after()}
    form = {**closed_map({**place, **modifiers(), **keys, **arguments}), "type": ["object", "null"]}
    return words(form, block.about or f"The block {block.name}.")


# ---- arguments -----------------------------------------------------------------------------------


def _arguments(arguments: Mapping[str, Argument]) -> Schema:
    return {name: _argument(argument) for name, argument in arguments.items()}


def _argument(argument: Argument) -> Schema:
    if argument.options:
        first = argument.options[0]
        form = or_expression({"enum": list(argument.options)})
        return words(form, f"`{first}` unless given.", first)
    form = or_expression(JSON_TYPES[argument.type]) if argument.type else ANYTHING
    if argument.default is None:
        return words(form, "Must be given.")
    default = plain(argument.default)
    return words(form, f"{default} unless given.", default)


def _choice(known: Known) -> Schema:
    """A choice of shortcut rule: `RULE`, or `{RULE: {argument: value}}`."""
    word: Schema = {"type": "string", "pattern": NAME}
    unknown_rule: Any = {"type": ["object", "null"]}
    if known.is_complete:
        word, unknown_rule = {"type": "string", "enum": [*known.rules, "none"]}, False
    with_arguments = {
        "type": "object",
        "properties": {name: _rule(name, rule) for name, rule in known.rules.items()},
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": unknown_rule,
    }
    return words(
        {"anyOf": [word, with_arguments]},
        "The rule by which units join their shortcut; `none` leaves it out.",
        "projection",
        "none",
    )


def _rule(name: str, rule: Block) -> Schema:
    form = {**closed_map(_arguments(rule.arguments)), "type": ["object", "null"]}
    return words(form, rule.about or f"The rule {name}.")


def _defaults(known: Known) -> Schema:
    kinds: Schema = {}
    for kind, op in REGISTRY.items():
        kinds[kind] = words(closed_map(references(op)), f"Attributes of every `{kind}`.")
    for name, block in known.blocks.items():
        kinds[name] = words(
            closed_map(_arguments(block.arguments)), f"Arguments of every `{name}`."
        )
    unknown_kind: Any = False if known.is_complete else {"type": "object"}
    return words(
        {"type": "object", "properties": kinds, "additionalProperties": unknown_kind},
        "Attributes for every op or block of a kind.",
        {"conv": {"bias": False, "init": "he_normal"}},
    )


# ---- definitions ---------------------------------------------------------------------------------


def block_form() -> Schema:
    """A block or rule as a map: about, label, args, body."""
    arguments = {
        "type": "object",
        "propertyNames": {"pattern": NAME},
        "additionalProperties": _argument_form(),
    }
    return closed_map(
        {
            "about": text("What this is, with paper and section.", "He et al. 2015, figure 5 left"),
            "label": text(
                "What drawings call it within another block; `$name` and `$(…)` are replaced.",
                "squeeze-excite /$ratio",
            ),
            "inputs": texts(
                "Several inputs, by the names of their points in the body: the step above, then "
                "those of `with`.",
                ["deep", "skip"],
            ),
            "changes_shape": words(
                {"type": "boolean"},
                "Of a shortcut rule: whether it may end in another shape than that of the branch, "
                "as by a concat.",
                True,
            ),
            "args": words(
                arguments,
                "The arguments: a type word where it must be given, else its default.",
                {"filters": "int", "stride": 1},
            ),
            "body": words(
                {"$ref": "#/$defs/body"},
                "The steps. They see the arguments and facts such as `in_channels`.",
            ),
            "allow": {"$ref": "#/$defs/allow"},
        },
        required=["body"],
    )


def _argument_form() -> Schema:
    options = texts("What it can be; the first unless given.", ["relu", "swish"])
    choice = closed_map({"one_of": options}, required=["one_of"])
    default = {"type": ["number", "boolean", "string", "array"]}
    return words(
        {"anyOf": [{"enum": list(TYPES)}, default, choice]},
        f"A type ({', '.join(TYPES)}), which must then be given, or a default.",
        "int",
        1,
    )
