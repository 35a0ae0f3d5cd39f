"""The language as JSON Schema, for editors: specs and libraries, in general or with the blocks a
spec has in scope.

It never refuses what archc accepts. What needs the whole spec (attributes that `defaults` gives,
shapes, names of points) is left to archc.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archcompile.ops import REGISTRY, Op, attribute_words, example
from archcompile.spec.check import attribute_names
from archcompile.spec.editor.json_schema import (
    Schema,
    closed,
    document,
    of_model,
    one_line_paragraphs,
    or_expression,
    text,
    texts,
    words,
)
from archcompile.spec.language import (
    FILE_NAME,
    NAME,
    REMARKS,
    WARNINGS,
    Argument,
    Block,
    Library,
    Spec,
    SpecFile,
)
from archcompile.spec.loading import TYPES
from archcompile.spec.yaml import Map, plain

ANYTHING: Schema = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a spec has in scope; without one, any block and any rule may be named."""

    blocks: Mapping[str, Block] = field(default_factory=dict)
    rules: Mapping[str, Block] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False

    @staticmethod
    def of(spec: Spec) -> "Known":
        variables = spec.tree.get("vars")
        given = plain(variables) if isinstance(variables, Map) else {}
        return Known(blocks=spec.blocks, rules=spec.rules, variables=given, complete=True)


def spec_schema(known: Known | None = None) -> Schema:
    """The schema of a spec file."""
    forms = _top(SpecFile, known or Known())
    needs_input = {"if": {"not": {"required": ["extends"]}}, "then": {"required": ["input"]}}
    schema = closed(forms, required=["archc"], **needs_input)
    return document(
        {**schema, "$defs": _definitions(known or Known())},
        "A convolutional network: a stem, stages of repeated blocks, a head.",
    )


def library_schema(known: Known | None = None) -> Schema:
    """The schema of a file of blocks and shortcut rules."""
    schema = closed(_top(Library, known or Known()), required=["archc"])
    return document(
        {**schema, "$defs": _definitions(known or Known())},
        "Blocks and shortcut rules, brought into a spec by `uses`.",
    )


# ---- the top level -------------------------------------------------------------------------------


def _top(model: type[SpecFile] | type[Library], known: Known) -> Schema:
    """The keys of a file: their forms from here, their words from the model."""
    forms = _forms(known)
    return {
        key: {**forms[key], "description": info.description}
        for key, info in model.model_fields.items()
    }


def _forms(known: Known) -> Schema:
    body = {"$ref": "#/$defs/steps"}
    block = {"$ref": "#/$defs/block"}
    names = {"pattern": NAME}
    return {
        "archc": {"const": 1, "examples": [1]},
        "name": text("", "my_net", pattern=FILE_NAME),
        "about": text("", "A net of 20 layers for CIFAR-10 (author and year, section 4.2)"),
        "extends": text("", "parent.yaml"),
        "remove": texts("", ["stages.s4", "defaults.conv.l2"]),
        "uses": texts("", ["blocks/residual.yaml"]),
        "vars": {
            "type": "object",
            "propertyNames": names,
            "properties": _variables(known),
            "additionalProperties": _value(None),
            "examples": [{"depth": 20, "n": "$((depth - 2) / 6)"}],
        },
        "input": {
            "type": "array",
            "items": or_expression({"type": "integer", "minimum": 1}),
            "minItems": 3,
            "maxItems": 3,
            "examples": [[32, 32, 3]],
        },
        "defaults": {"$ref": "#/$defs/defaults"},
        "blocks": {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": block,
            "examples": [{"down": [{"max_pool": {"size": 2}}, {"dropout": {"rate": 0.2}}]}],
        },
        "shortcuts": {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": block,
            "examples": [{"identity": [{"add": {"with": "branch"}}]}],
        },
        "shortcut": {"$ref": "#/$defs/choice"},
        "stem": body,
        "head": body,
        "stages": {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": {
                "if": {"type": "array"},
                "then": body,
                "else": {"$ref": "#/$defs/stage"},
            },
            "examples": [{"s1": {"block": "basic", "repeat": 3, "filters": 16}}],
        },
        "outputs": {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": {"type": "string"},
            "minProperties": 1,
            "examples": [{"c3": "s2", "c4": "s3"}],
        },
        "expect": _expect(),
        "train": text("", "article"),
        "allow": {"$ref": "#/$defs/allow"},
    }


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
    def number(description: str, value: int) -> Schema:
        return words(or_expression({"type": "integer", "minimum": 0}), description, value)

    shape = or_expression({"type": "array", "items": {"type": "integer", "minimum": 1}})
    return words(
        closed(
            {
                "depth": words(
                    or_expression({"type": "integer", "minimum": 0}),
                    "The most weighted layers on a path.",
                    20,
                    "$depth",
                ),
                "params": number("Parameters in all.", 274442),
                "trainable": number("Parameters that training changes.", 273066),
                "non_trainable": number(
                    "Parameters that training does not change: moving means and variances.", 1376
                ),
                "macs": number(
                    "Multiply-adds of convolutions and dense layers for one image.", 40813184
                ),
                "joins": number("Places where a shortcut joins.", 9),
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
        ),
        "",
        {"depth": "$depth", "params": 274442},
    )


# ---- steps, rows, blocks -------------------------------------------------------------------------


def _definitions(known: Known) -> Schema:
    ops = {f"op_{kind}": _op(op) for kind, op in REGISTRY.items()}
    rows = {f"row_{name}": _row(block) for name, block in known.blocks.items()}
    return {
        "allow": texts(
            "Codes of warnings that are meant; `archc explain CODE` tells what they say.",
            ["bias-before-bn"],
            enum=[*WARNINGS, *REMARKS],
        ),
        **ops,
        **{
            f"{kind}.{name}": form
            for kind, op in REGISTRY.items()
            for name, form in _attributes(op).items()
        },
        "shortcut": _shortcut_step(),
        "stage": {
            "if": {"type": "object", "required": ["steps"]},
            "then": _placed(),
            "else": {"$ref": "#/$defs/row"},
        },
        "row": _any_row(known),
        **rows,
        "choice": _choice(known),
        "defaults": _defaults(known),
        "steps": {
            "type": "array",
            "items": _step(known),
            "examples": [[example(REGISTRY["conv"]), "bn", "relu"]],
        },
        "body": {"type": "array", "items": _step(known, "shortcut")},
        "block": {"if": {"type": "array"}, "then": {"$ref": "#/$defs/body"}, "else": _block_form()},
    }


def _modifiers() -> Schema:
    name = {"type": "string", "pattern": NAME}
    return {
        "name": words(name, "Names the point behind this step; other steps refer to it.", "preact"),
        "from": text(
            "Start at this point instead of the step above; `input` is the start of the list.",
            "preact",
        ),
        "if": words(
            or_expression({"type": "boolean"}), "When false, the step is left out.", "$(stride > 1)"
        ),
        "allow": {"$ref": "#/$defs/allow"},
    }


def _repeat() -> Schema:
    count = or_expression({"type": "integer", "minimum": 1})
    return words(
        count, "How often this is written out; a step's values see `turn` of `turns`.", 3, "$n"
    )


def _step(known: Known, *more: str) -> Schema:
    """One step: a bare word, or a map with one key."""
    kinds = {kind: {"$ref": f"#/$defs/op_{kind}"} for kind in REGISTRY}
    kinds |= {name: {"$ref": f"#/$defs/row_{name}"} for name in known.blocks}
    kinds |= {name: {"$ref": f"#/$defs/{name}"} for name in more}
    other: Any = False if known.complete else {"$ref": "#/$defs/row"}
    written = {
        "type": "object",
        "properties": kinds,
        "additionalProperties": other,
        "minProperties": 1,
        "maxProperties": 1,
    }
    bare: Schema = (
        {"enum": list(kinds)}
        if known.complete
        else {"anyOf": [{"enum": list(kinds)}, {"pattern": NAME}]}
    )
    return {"anyOf": [{"type": "string", **bare}, written]}


def _op(op: type[Op]) -> Schema:
    properties = {**_references(op), **_modifiers(), "repeat": _repeat()}
    more: Schema = {}
    if op.arity[0] > 1:
        properties["with"] = words(
            {"type": ["string", "array"], "items": {"type": "string"}},
            "The further operands, by the names of their points.",
            "branch",
        )
        branches = {"type": "object", "additionalProperties": {"$ref": "#/$defs/body"}}
        properties["branches"] = words(
            branches, "Lists of steps that start here, merged in this order; [] is the input."
        )
        more["oneOf"] = [{"required": ["with"]}, {"required": ["branches"]}]
    about = one_line_paragraphs(op.__doc__ or "").split("\n\n")[0]
    kinds = {"type": "object"} if more else {"type": ["object", "null"]}
    return words({**closed(properties), **kinds, **more}, about, *_inner(example(op)))


def _inner(step: Any) -> tuple[Any, ...]:
    return tuple(step.values()) if isinstance(step, dict) else ()


def _attributes(op: type[Op]) -> Schema:
    """The attributes of an op by its class, with their words; those that must be given say so."""
    schema = of_model(op)
    needed = schema.get("required", [])
    attributes = {}
    for name, form in schema["properties"].items():
        about, shown = attribute_words(op, name)
        if name in needed:
            about = f"{about} Must be given."
        bare = {key: value for key, value in form.items() if key not in ("description", "examples")}
        attributes[name] = words(or_expression(bare), about, shown)
    return attributes


def _references(op: type[Op]) -> Schema:
    """The attributes of an op, each defined once for its steps and its `defaults`."""
    return {name: {"$ref": f"#/$defs/{op.kind}.{name}"} for name in attribute_names(op)}


def _shortcut_step() -> Schema:
    rule = words(
        {"$ref": "#/$defs/choice"}, "The rule where neither stage nor spec chooses one.", "identity"
    )
    return words(
        {**closed({**_modifiers(), "rule": rule}), "type": ["object", "null"]},
        "Where the skip path of the block joins, by the rule that the stage or the spec chooses.",
        {"from": "preact"},
    )


def _row_keys() -> Schema:
    edge = {"type": "object"}
    return {
        "repeat": _repeat(),
        "first": words(
            edge, "Arguments, or `shortcut`, of the first unit, or turn, alone.", {"stride": 2}
        ),
        "last": words(
            edge, "Arguments, or `shortcut`, of the last unit, or turn, alone.", {"stride": 2}
        ),
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


def _placed() -> Schema:
    steps = words({"$ref": "#/$defs/steps"}, "The stage as a list of steps.")
    return closed({"after": _after(), "steps": steps}, required=["after", "steps"])


def _any_row(known: Known) -> Schema:
    """A stage's row, or a block as a step; which arguments it has depends on the block."""
    block = text("The block that is repeated.", *known.blocks, pattern=NAME)
    if known.complete:
        block = {**block, "enum": list(known.blocks)}
    chosen = [
        {
            "if": {"properties": {"block": {"const": name}}, "required": ["block"]},
            "then": {"$ref": f"#/$defs/row_{name}"},
        }
        for name in known.blocks
    ]
    return {
        "type": ["object", "null"],
        "properties": {"block": block, "after": _after(), **_modifiers(), **_row_keys()},
        **({"allOf": chosen} if chosen else {}),
    }


def _row(block: Block) -> Schema:
    """How one block is used: as a stage's row (with `block`) or as a step."""
    arguments = {name: _argument(argument) for name, argument in block.arguments.items()}
    edge = closed({**arguments, "shortcut": {"$ref": "#/$defs/choice"}})
    keys = {
        **_row_keys(),
        "first": {**_row_keys()["first"], **edge},
        "last": {**_row_keys()["last"], **edge},
    }
    named = {"block": {"const": block.name}, "after": _after()}
    form = {**closed({**named, **_modifiers(), **keys, **arguments}), "type": ["object", "null"]}
    return words(form, block.about or f"The block {block.name}.")


def _argument(argument: Argument) -> Schema:
    if argument.options:
        first = argument.options[0]
        return words(
            or_expression({"enum": list(argument.options)}), f"`{first}` unless given.", first
        )
    types = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}
    form = or_expression({"type": types[argument.type]}) if argument.type else ANYTHING
    if argument.default is None:
        return words(form, "Must be given.")
    default = plain(argument.default)
    return words(form, f"{default} unless given.", default)


def _choice(known: Known) -> Schema:
    """A choice of shortcut rule: `RULE`, or `{RULE: {argument: value}}`."""
    names = [*known.rules, "none"]
    rules = {
        name: words(
            {
                **closed({a: _argument(form) for a, form in rule.arguments.items()}),
                "type": ["object", "null"],
            },
            rule.about or f"The rule {name}.",
        )
        for name, rule in known.rules.items()
    }
    word: Schema = (
        {"type": "string", "enum": names} if known.complete else {"type": "string", "pattern": NAME}
    )
    written = {
        "type": "object",
        "properties": rules,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False if known.complete else {"type": ["object", "null"]},
    }
    return words(
        {"anyOf": [word, written]},
        "The rule by which units join their shortcut; `none` leaves it out.",
        "projection",
        "none",
    )


def _defaults(known: Known) -> Schema:
    kinds: Schema = {
        kind: words(closed(_references(op)), f"Attributes of every `{kind}`.")
        for kind, op in REGISTRY.items()
    }
    kinds |= {
        name: words(
            closed({a: _argument(form) for a, form in block.arguments.items()}),
            f"Arguments of every `{name}`.",
        )
        for name, block in known.blocks.items()
    }
    other: Any = False if known.complete else {"type": "object"}
    return words(
        {"type": "object", "properties": kinds, "additionalProperties": other},
        "Attributes for every op or block of a kind.",
        {"conv": {"bias": False, "init": "he_normal"}},
    )


def _block_form() -> Schema:
    choice = closed(
        {"one_of": texts("What it can be; the first unless given.", ["relu", "swish"])},
        required=["one_of"],
    )
    argument = words(
        {
            "anyOf": [
                {"enum": list(TYPES)},
                {"type": ["number", "boolean", "string", "array"]},
                choice,
            ]
        },
        f"A type ({', '.join(TYPES)}), which must then be given, or a default.",
        "int",
        1,
    )
    return closed(
        {
            "about": text("What this is, with paper and section.", "He et al. 2015, figure 5 left"),
            "args": words(
                {
                    "type": "object",
                    "propertyNames": {"pattern": NAME},
                    "additionalProperties": argument,
                },
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
