"""Writes `docs/ops.md` from the op classes, `docs/blocks.md` from the libraries, and the gallery:
`python docs/generate.py`. Tests fail where these are stale.
"""

from itertools import groupby
from pathlib import Path
from typing import Any

from archcompile.ops import REGISTRY, Op, attribute_words, example
from archcompile.spec.schema.json_schema import of_model
from archcompile.spec.yaml.write import flow

PAGE = Path(__file__).with_name("ops.md")
HEAD = """\
# Ops

All {count} ops, generated from their classes in `archcompile/ops/` by `python docs/generate.py`: do not edit.
A step is an op as a bare word (`- relu`) or with attributes (`- conv: {{filters: 64, kernel: 3}}`); an attribute without a
default is required, from the step or from `defaults`. Every step also takes `name`, `from`, `if` and `allow`, every op
`repeat`, and those that join several tensors `with` or `branches` ([language.md](language.md) says how). Any value may be
an expression. Shapes are (height, width, channels), (tokens, channels) for tokens, or (channels,) for a vector.
"""  # noqa: E501 - a text
FAMILIES = {
    "conv": "Convolutions",
    "conv_transpose": "Transposed convolutions",
    "dense": "Dense",
    "attention": "Attention",
    "norm": "Norms",
    "act": "Activations",
    "pool": "Pooling",
    "merge": "Joining",
    "pad": "Padding and cropping",
    "tensor": "Shape and scale",
    "resize": "Another size",
    "move": "Moving channels and pixels",
    "drop": "Dropping",
}
TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true, false",
    "string": "text",
    "array": "list",
    "object": "map",
}


def page() -> str:
    """The page as text. Raises ValueError for a family without a heading."""
    families = list(FAMILIES)
    ops = sorted(REGISTRY.values(), key=lambda op: families.index(_family(op)))
    parts = [HEAD.format(count=len(ops))]
    for family, members in groupby(ops, key=_family):
        parts.append(f"\n## {FAMILIES[family]}\n")
        parts += [_op(op) for op in members]
    return "".join(parts)


def _family(op: type[Op]) -> str:
    """The file that the op stands in."""
    family = op.__module__.rsplit(".", 1)[-1]
    if family not in FAMILIES:
        raise ValueError(f"docs/generate.py: `FAMILIES` has no heading for the ops of {family}.py")
    return family


def _op(op: type[Op]) -> str:
    about = " ".join((op.__doc__ or "").split())
    depth = " Counts as a layer of depth." if op.is_weighted else ""
    lines = [f"\n### `{op.kind}`\n\n{about}{depth}\n\n`- {_written(example(op))}`\n"]
    schema = of_model(op)
    if schema["properties"]:
        lines.append("\n| attribute | value | default | meaning |\n|---|---|---|---|\n")
        needed = schema.get("required", [])
        for name in sorted(schema["properties"], key=lambda name: name not in needed):
            form = schema["properties"][name]
            default = "required" if name in needed else _default(form)
            lines.append(
                f"| `{name}` | {_value(form)} | {default} | {attribute_words(op, name)[0]} |\n"
            )
    return "".join(lines)


def _written(step: Any) -> str:
    return flow(step)[1:-1] if isinstance(step, dict) else str(step)


def _default(form: dict[str, Any]) -> str:
    return f"`{flow(form['default'])}`" if "default" in form else "none"


def _value(form: dict[str, Any]) -> str:
    """What may stand there, in words."""
    if "enum" in form:
        return ", ".join(f"`{word}`" for word in form["enum"])
    if "anyOf" in form:
        return ", or ".join(
            _value(choice) for choice in form["anyOf"] if choice.get("type") != "null"
        )
    if form.get("type") == "object":
        return ", ".join(f"`{{{name}: …}}`" for name in form["properties"])
    kinds = [form["type"]] if isinstance(form["type"], str) else form["type"]
    return " or ".join(TYPES[kind] for kind in kinds if kind != "null")


if __name__ == "__main__":
    import block_page
    import gallery

    PAGE.write_text(page())
    block_page.PAGE.write_text(block_page.page())
    gallery.write()
