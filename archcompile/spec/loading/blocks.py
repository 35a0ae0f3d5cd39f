"""Reads stages, blocks and shortcut rules, and checks what needs no values."""

import re
from dataclasses import replace

from archcompile.errors import Location, did_you_mean, nearest
from archcompile.ops import REGISTRY
from archcompile.spec.expressions import (
    EXPRESSION_WORDS,
    SHAPE_FACTS,
    is_expression,
    shape_facts,
)
from archcompile.spec.language import (
    NAME,
    NAMES,
    ROW_KEYS,
    SPLIT,
    Argument,
    Block,
    Problems,
    Row,
    Step,
    block_hint,
    foreign_block_key,
    read_allowed,
    row_key_hint,
)
from archcompile.spec.loading.steps import check_point_name, read_row, read_steps
from archcompile.spec.loading.vocabulary import (
    BLOCK_KEYS,
    RESERVED,
    TYPES,
    UNIT_NAMES,
    Words,
    facts_of,
    is_unit_name,
)
from archcompile.spec.yaml import (
    Entry,
    Map,
    Scalar,
    Seq,
    Tree,
    empty_map,
    expect_map,
    expect_seq,
    expect_text,
    fail,
    flow,
    kind_of,
    plain,
)


def read_stage(tree: Tree, name: str, at: Location, *, words: Words) -> tuple[Step, ...] | Row:
    """A stage: a list of steps, or a row that names its block."""
    if isinstance(tree, Seq):
        return read_steps(tree, f"stage '{name}'", words)
    row = expect_map(tree, f"stage '{name}'")
    if "block" not in row:
        typo = nearest("block", (key for key in row.entries if key not in ROW_KEYS))
        hint = "a row names its block (`block: NAME`); a list of steps begins with `- `"
        if typo:
            at, hint = row.entries[typo].at, "did you mean `block`?"
        raise fail("missing-key", f"stage '{name}' needs 'block'", at, hint=hint)
    block = expect_text(row["block"], "`block`")
    if block not in words.blocks:
        raise fail(
            "unknown-step",
            f"there is no block '{block}'",
            row["block"].at,
            hint=block_hint(block, list(words.blocks)),
        )
    for key in ("if", "name", "from"):
        if key in row:
            hint = row_key_hint(key, block, flow(plain(row[key])))
            raise fail(
                "unknown-argument", f"a stage has no `{key}`", row.entries[key].at, hint=hint
            )
    return read_row(block, row.without("block"), at)


def read_block(name: str, tree: Tree, at: Location, *, words: Words) -> Block:
    """A block or a rule: a list of steps, or a map with about, args and body."""
    what = f"{'rule' if words.is_in_rule else 'block'} '{name}'"
    _check_name(name, what, at)
    if isinstance(tree, Seq):
        return Block(
            name=name,
            about="",
            arguments={},
            body=read_steps(tree, what, words),
            at=at,
            is_rule=words.is_in_rule,
            source=tree,
        )
    form = expect_map(tree, what)
    _check_keys(form, what, at)
    problems = Problems()
    inputs = problems.attempt(_inputs, form.get("inputs"), words) or ()
    words = replace(words, inputs=inputs)
    changes_shape = problems.attempt(_changes_shape, form.get("changes_shape"), words)
    written = expect_map(form["args"], f"`args` of {what}") if "args" in form else empty_map(at)
    arguments = {
        key: problems.attempt(_argument, key, entry, words)
        for key, entry in written.entries.items()
    }
    body = problems.attempt(read_steps, form["body"], what, words)
    allow = problems.attempt(read_allowed, form.get("allow"))
    problems.raise_any()
    about = expect_text(form["about"], f"`about` of {what}") if "about" in form else ""
    label = form.get("label")
    if label is not None:
        expect_text(label, f"`label` of {what}")
    return Block(
        name=name,
        about=about,
        arguments={key: argument for key, argument in arguments.items() if argument},
        body=body or (),
        at=at,
        inputs=inputs,
        is_rule=words.is_in_rule,
        changes_shape=bool(changes_shape),
        source=tree,
        allow=allow or (),
        label=label if isinstance(label, Scalar) else None,
    )


def _check_name(name: str, what: str, at: Location) -> None:
    if name in (*REGISTRY, *RESERVED, "shortcut", SPLIT) or is_unit_name(name):
        raise fail(
            "reserved-name",
            f"{what} has a name with another meaning",
            at,
            hint=UNIT_NAMES if is_unit_name(name) else "choose another name",
        )


def _check_keys(form: Map, what: str, at: Location) -> None:
    for key, entry in form.entries.items():
        if key not in BLOCK_KEYS:
            raise fail(
                "unknown-key",
                f"{what} has no '{key}'",
                entry.at,
                hint=foreign_block_key(key) or did_you_mean(key, BLOCK_KEYS),
            )
    if "body" not in form:
        raise fail("missing-key", f"{what} needs 'body'", at)


def _inputs(tree: Tree | None, words: Words) -> tuple[str, ...]:
    """The names of a block's inputs. Raises SpecError where they cannot be points of its body."""
    if tree is None:
        return ()
    names = tuple(
        expect_text(item, "each name of `inputs`") for item in expect_seq(tree, "`inputs`")
    )
    if words.is_in_rule:
        raise fail(
            "unknown-key",
            "a rule has no `inputs`",
            tree.at,
            hint="it starts at the block's input, and `branch` is the point that it joins",
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise fail("defined-twice", f"two inputs are called '{twice}'", tree.at)
    if len(names) < 2:
        raise fail(
            "wrong-type",
            f"`inputs`: expected at least two names, got {', '.join(names) or 'none'}",
            tree.at,
            hint="a block of one input calls it `input`, and needs no `inputs`",
        )
    for name, item in zip(names, expect_seq(tree, "`inputs`"), strict=True):
        check_point_name(name, "an input", item.at)
        if set(shape_facts(name)) & set(SHAPE_FACTS):
            raise fail(
                "reserved-name",
                f"'{name}' cannot name an input: `{shape_facts(name)[2]}` is that of the first",
                item.at,
                hint="choose a name that says what the point is",
            )
    return names


def _changes_shape(tree: Tree | None, words: Words) -> bool:
    """Whether a rule may end in another shape than that of the branch."""
    if tree is None:
        return False
    if not words.is_in_rule:
        message = "a block has no `changes_shape`"
        raise fail("unknown-key", message, tree.at, hint="it may change the shape as it is")
    if not (isinstance(tree, Scalar) and isinstance(tree.value, bool)):
        message = f"`changes_shape`: expected true or false, got {kind_of(tree)}"
        raise fail("wrong-type", message, tree.at)
    return tree.value


def _argument(name: str, entry: Entry, words: Words) -> Argument:
    """An argument, as its default, type or choices describe it."""
    value, at = entry.value, entry.at
    if not re.fullmatch(NAME, name):
        raise fail("reserved-name", f"'{name}' is not a valid name", at, hint=NAMES[NAME])
    if name in (*RESERVED, *facts_of(words), *EXPRESSION_WORDS):
        raise fail(
            "reserved-name",
            f"'{name}' cannot name an argument",
            at,
            hint="it is a word of the language; choose another name",
        )
    if isinstance(value, Map):
        return _choice_argument(name, value, at)
    if isinstance(value, Seq):
        return Argument(type=None, default=value, at=at)
    if value.value is None:
        raise fail(
            "wrong-type",
            f"the argument '{name}' has neither a type nor a default",
            at,
            hint=f"types are {', '.join(TYPES)}",
        )
    if not isinstance(value.value, str):
        return Argument(type=type(value.value).__name__, default=value, at=at)
    if is_expression(value.value):
        return Argument(type=None, default=value, at=at)
    return _text_argument(value.value, value, at)


def _text_argument(text: str, tree: Tree, at: Location) -> Argument:
    """An argument of a type that is named, or a text with a default."""
    if text in TYPES:
        return Argument(type=text, default=None, at=at)
    # words such as `plain` are no typos of `pair`
    meant = nearest(text, [kind for kind in TYPES if kind != "pair"])
    if meant and abs(len(meant) - len(text)) <= 2:
        raise fail(
            "wrong-type", f"'{text}' is not a type", tree.at, hint=f"did you mean `{meant}`?"
        )
    return Argument(type="str", default=tree, at=at)


def _choice_argument(name: str, form: Map, at: Location) -> Argument:
    """An argument that is one of several words, the first unless given."""
    choices = form.get("one_of")
    if choices is None or len(form.entries) != 1:
        raise fail(
            "wrong-type",
            f"the argument '{name}' cannot be a map",
            form.at,
            hint="a choice is {one_of: [first, second]}",
        )
    items = expect_seq(choices, "`one_of`")
    options = tuple(expect_text(item, "each value of `one_of`") for item in items)
    if not options:
        message = f"the argument '{name}' has no values to choose from"
        raise fail("wrong-type", message, choices.at)
    return Argument(type="str", default=Scalar(options[0], choices.at), options=options, at=at)
