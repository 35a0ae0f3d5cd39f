"""Reads lists of steps, rows, blocks and shortcut rules. Checks all that can be checked before values are known."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ParamSpec, TypeVar

from archcompile.errors import Diagnostic, Location, SpecError, did_you_mean, nearest
from archcompile.ops import REGISTRY
from archcompile.spec.allow import read_allowed
from archcompile.spec.attributes import check_attributes
from archcompile.spec.expr import EXPRESSION_WORDS, is_expression
from archcompile.spec.facts import RULE_FACTS, SHAPE_FACTS, TURN_FACTS, UNIT_FACTS
from archcompile.spec.hints import block_hint, step_hint
from archcompile.spec.model import NAME, NAMES, Argument, Block, Row, Step
from archcompile.spec.tree import (
    Map,
    Scalar,
    Seq,
    Tree,
    empty_map,
    expect_map,
    expect_seq,
    expect_text,
    fail,
    kind_of,
)

ANY_STEP = ("name", "from", "if", "allow")
OP_ONLY = ("with", "branches", "repeat")
ROW_KEYS = ("repeat", "first", "last", "shortcut", "defaults", "allow")
BLOCK_KEYS = ("about", "args", "body", "allow")
POINTS = ("input", "block_input", "branch", "none")  # what may name no step and no stage
PLACE_KEYS = ("after", "steps")  # of a stage that a child puts in its place
RESERVED = (*POINTS, *ANY_STEP, *OP_ONLY, *ROW_KEYS, *PLACE_KEYS, "block")
TYPES = ("int", "float", "bool", "str")

MOST = 100  # mistakes after which a file is not read on: nobody reads more, and each costs time

T = TypeVar("T")
P = ParamSpec("P")


@dataclass
class Problems:
    """Collects mistakes, so that all of a file are reported in one go; beyond MOST nothing more is looked at."""

    found: list[Diagnostic] = field(default_factory=list)

    def attempt(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The action's result, or None with its mistakes noted."""
        if len(self.found) >= MOST:
            return None
        try:
            return action(*args, **kwargs)
        except SpecError as error:
            self.found.extend(error.diagnostics)
            return None

    def raise_any(self) -> None:
        """Raises SpecError where mistakes were noted; each is told once, in the order of their places."""
        if self.found:
            first_in = {d.location.file: i for i, d in reversed(list(enumerate(self.found)))}
            unique = {(d.location, d.code, d.message): d for d in self.found}
            told = sorted(unique.values(), key=lambda d: (first_in[d.location.file], d.location))
            end = ("no further was looked than this", told[-1].location)
            if len(self.found) >= MOST and end not in told[-1].notes:
                told[-1] = replace(told[-1], notes=(*told[-1].notes, end))
            raise SpecError(told)


@dataclass(frozen=True, slots=True)
class Words:
    """The steps that may be written: ops, the blocks in scope, and (in block bodies) `shortcut`."""

    blocks: Collection[str]
    in_block: bool = False
    in_rule: bool = False

    def all(self) -> list[str]:
        return [*REGISTRY, *self.blocks, *(["shortcut"] if self.in_block else [])]


def read_steps(tree: Tree, what: str, words: Words) -> tuple[Step, ...]:
    """A list of steps. Raises SpecError with all its mistakes."""
    problems = Problems()
    if isinstance(tree, Map):
        raise fail("wrong-type", f"{what} must be a list, got a map", tree.at, "begin each step with `- `")
    found = [problems.attempt(_step, item, words) for item in expect_seq(tree, what)]
    steps = [step for step in found if step]
    problems.attempt(_unique_names, steps, set(), words)
    problems.raise_any()
    return tuple(steps)


def _unique_names(steps: Iterable[Step], seen: set[str], words: Words) -> None:
    for step in steps:
        if step.name:
            if step.name in seen:
                raise fail(
                    "defined-twice",
                    f"two steps are called '{step.name}'",
                    step.at,
                    "given names are unique in their list",
                )
            if step.name in words.blocks:
                raise fail("reserved-name", f"'{step.name}' is a block, so it cannot name a step", step.at)
            seen.add(step.name)
        for branch in (step.branches or {}).values():
            _unique_names(branch, seen, words)


def _step(tree: Tree, words: Words) -> Step:
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        kind, attributes, at = tree.value, empty_map(tree.at), tree.at
    else:
        entries = expect_map(tree, "a step").entries if not isinstance(tree, Scalar) else {}
        if len(entries) != 1:
            raise fail("wrong-type", f"a step is a word or a map with one key, got {_keys(tree)}", tree.at, _keys_hint(tree))
        ((kind, entry),) = entries.items()
        at = entry.at
        empty = isinstance(entry.value, Scalar) and entry.value.value is None
        attributes = empty_map(at) if empty else expect_map(entry.value, f"the attributes of '{kind}'")
    if kind == "shortcut" and not words.in_block:
        raise fail("unknown-step", "`shortcut` as a step belongs in a block", at,
                   "in a stage, `shortcut: RULE` chooses the rule")  # fmt: skip
    if kind not in words.all():
        raise fail("unknown-step", f"there is no op or block '{kind}'", at, step_hint(kind, words.all()))
    if kind in REGISTRY:
        return _op_step(kind, attributes, at, words)
    return _shortcut_step(attributes, at) if kind == "shortcut" else _block_step(kind, attributes, at)


def _keys(tree: Tree) -> str:
    if not isinstance(tree, Map):
        return kind_of(tree)
    return f"the keys {', '.join(tree.entries)}" if tree.entries else "an empty map"


def _keys_hint(tree: Tree) -> str:
    kind, value = next(iter(tree.items()), ("", tree)) if isinstance(tree, Map) else ("", tree)
    if kind and isinstance(value, Scalar) and value.value is None:
        return f"indent the attributes further than `{kind}:`, or put them in {{ }} behind it"
    return "begin each step with `- `, and put its attributes in { }"


def _common(attributes: Map, at: Location) -> dict[str, Any]:
    name = _name(attributes["name"]) if "name" in attributes else None
    source = _reference(attributes["from"], "from") if "from" in attributes else None
    return {"at": at, "name": name, "source": source, "condition": attributes.get("if"),
            "allow": read_allowed(attributes.get("allow"))}  # fmt: skip


def _op_step(kind: str, attributes: Map, at: Location, words: Words) -> Step:
    own = attributes.without(*ANY_STEP, *OP_ONLY)
    check_attributes(REGISTRY[kind], own, f"'{kind}'")
    operands: tuple[str, ...] = ()
    branches = None
    merges = REGISTRY[kind].arity[0] > 1
    if merges and "with" in attributes and "branches" in attributes:
        raise fail("unknown-key", f"'{kind}' takes either `with` or `branches`, not both",
                   attributes.entries["branches"].at, "remove one of them")  # fmt: skip
    if merges and "with" not in attributes and "branches" not in attributes:
        raise fail("missing-key", f"'{kind}' needs either `with` or `branches`", at,
                   "`with: NAME` names the other operand")  # fmt: skip
    for key in ("with", "branches"):
        if key in attributes and not merges:
            raise fail(
                "unknown-attribute", f"'{kind}' takes one input, so it has no `{key}`", attributes.entries[key].at
            )
    if "with" in attributes:
        value = attributes["with"]
        items = value.items if isinstance(value, Seq) else (value,)
        operands = tuple(_reference(item, "with") for item in items)
    if "branches" in attributes:
        lists = expect_map(attributes["branches"], "`branches`")
        branches = {name: read_steps(body, f"branch '{name}'", words) for name, body in lists.items()}
        for name in branches:
            if not re.fullmatch(NAME, name):
                raise fail("reserved-name", f"'{name}' is no name for a branch", lists.entries[name].at, NAMES[NAME])
    return Step(
        kind, own, **_common(attributes, at), operands=operands, branches=branches, repeat=attributes.get("repeat")
    )


def _shortcut_step(attributes: Map, at: Location) -> Step:
    for key, entry in attributes.entries.items():
        if key not in (*ANY_STEP, "rule"):
            near = nearest(key, (*ANY_STEP, "rule"))
            raise fail("unknown-attribute", f"`shortcut` has no '{key}'", entry.at, f"did you mean `{near}`?" if near else
                       f"there are {', '.join(ANY_STEP)}, and `rule: NAME` for the block's own rule")  # fmt: skip
    return Step("shortcut", attributes.without(*ANY_STEP), **_common(attributes, at))


def _block_step(kind: str, attributes: Map, at: Location) -> Step:
    for key in ("with", "branches"):
        if key in attributes:
            raise fail(
                "unknown-attribute",
                f"the block '{kind}' takes one input, so it has no `{key}`",
                attributes.entries[key].at,
            )
    row = read_row(kind, attributes.without("name", "from", "if"), at)
    return Step(kind, empty_map(at), **_common(attributes, at), row=row, repeat=row.repeat)


def read_row(block: str, tree: Map, at: Location) -> Row:
    """How a block is used: modifiers apart from arguments."""

    def part(key: str) -> Map | None:
        return expect_map(tree[key], f"`{key}`") if key in tree else None

    return Row(block, tree.without(*ROW_KEYS), at, repeat=tree.get("repeat"), first=part("first"), last=part("last"),
               shortcut=tree.get("shortcut"), defaults=part("defaults"), allow=read_allowed(tree.get("allow")))  # fmt: skip


def read_stage(tree: Tree, name: str, at: Location, words: Words) -> tuple[Step, ...] | Row:
    """A stage: a list of steps, or a row that names its block."""
    if isinstance(tree, Seq):
        return read_steps(tree, f"stage '{name}'", words)
    row = expect_map(tree, f"stage '{name}'")
    if "block" not in row:
        typo = nearest("block", (key for key in row.entries if key not in ROW_KEYS))
        raise fail("missing-key", f"stage '{name}' needs 'block'", row.entries[typo].at if typo else at,
                   "did you mean `block`?" if typo else
                   "a row names its block (`block: NAME`); a list of steps begins with `- `")  # fmt: skip
    block = expect_text(row["block"], "`block`")
    if block not in words.blocks:
        raise fail("unknown-step", f"there is no block '{block}'", row["block"].at, block_hint(block, list(words.blocks)))
    for key in ("if", "name", "from"):
        if key in row:
            raise fail("unknown-argument", f"a stage has no `{key}`", row.entries[key].at)
    return read_row(block, row.without("block"), at)


def read_block(name: str, tree: Tree, at: Location, words: Words) -> Block:
    """A block or a rule: a list of steps, or a map with about, args and body."""
    what = f"{'rule' if words.in_rule else 'block'} '{name}'"
    if name in REGISTRY or name in RESERVED or re.fullmatch(r"b\d+", name) or name == "shortcut":
        raise fail("reserved-name", f"{what} has a name that means something else", at, "choose another name")
    if isinstance(tree, Seq):
        return Block(name, "", {}, read_steps(tree, what, words), at, words.in_rule, tree)
    form = expect_map(tree, what)
    for key, entry in form.entries.items():
        if key not in BLOCK_KEYS:
            raise fail("unknown-key", f"{what} has no '{key}'", entry.at, did_you_mean(key, BLOCK_KEYS))
    if "body" not in form:
        raise fail("missing-key", f"{what} needs 'body'", at)
    problems = Problems()
    given = expect_map(form["args"], f"`args` of {what}") if "args" in form else empty_map(at)
    arguments = {key: problems.attempt(_argument, key, given, words) for key in given.entries}
    body = problems.attempt(read_steps, form["body"], what, words)
    allow = problems.attempt(read_allowed, form.get("allow"))
    problems.raise_any()
    about = expect_text(form["about"], f"`about` of {what}") if "about" in form else ""
    found = {key: argument for key, argument in arguments.items() if argument}
    return Block(name, about, found, body or (), at, words.in_rule, tree, allow or ())


def _argument(name: str, given: Map, words: Words) -> Argument:
    entry = given.entries[name]
    value, at = entry.value, entry.at
    if not re.fullmatch(NAME, name):
        raise fail("reserved-name", f"'{name}' is no name", at, NAMES[NAME])
    if name in (*RESERVED, *facts_of(words), *EXPRESSION_WORDS):
        raise fail(
            "reserved-name", f"'{name}' cannot name an argument", at, "it is a word of the language; choose another"
        )
    if isinstance(value, Map):
        options = value.get("one_of")
        if options is None or len(value.entries) != 1:
            raise fail(
                "wrong-type",
                f"the argument '{name}' cannot be a map",
                value.at,
                "a choice is {one_of: [first, second]}",
            )
        words_ = _texts(options, "one_of")
        if not words_:
            raise fail("wrong-type", f"the argument '{name}' has nothing to choose from", options.at)
        return Argument("str", Scalar(words_[0], options.at), words_, at)
    if isinstance(value, Seq):
        return Argument(None, value, (), at)
    plain_value = value.value
    if isinstance(plain_value, str) and not is_expression(plain_value):
        if plain_value in TYPES:
            return Argument(plain_value, None, (), at)
        meant = nearest(plain_value, TYPES)
        if meant and abs(len(meant) - len(plain_value)) <= 2:
            raise fail("wrong-type", f"'{plain_value}' is no type", value.at, f"did you mean `{meant}`?")
        return Argument("str", value, (), at)
    if plain_value is None:
        raise fail(
            "wrong-type", f"the argument '{name}' has neither a type nor a default", at, f"types are {', '.join(TYPES)}"
        )
    kind = None if isinstance(plain_value, str) else type(plain_value).__name__
    return Argument(kind, value, (), at)


def facts_of(words: Words) -> tuple[str, ...]:
    """The facts a body sees, which no argument may be called like."""
    return (*SHAPE_FACTS, *UNIT_FACTS, *TURN_FACTS, *(RULE_FACTS if words.in_rule else ()))


def _name(tree: Tree) -> str:
    name = expect_text(tree, "`name`")
    if not re.fullmatch(NAME, name):
        raise fail("reserved-name", f"'{name}' is no name", tree.at, NAMES[NAME])
    bare = name.rstrip("0123456789")
    if (
        name in (*POINTS, *PLACE_KEYS)
        or name in REGISTRY
        or re.fullmatch(r"b\d+", name)
        or (bare != name and (bare in REGISTRY or bare == "shortcut"))
    ):
        raise fail("reserved-name", f"'{name}' cannot name a step: it looks like a name of the language or an automatic one",
                   tree.at, "choose a word that says what the point is")  # fmt: skip
    return name


def _reference(tree: Tree, key: str) -> str:
    name = expect_text(tree, f"`{key}`")
    if is_expression(name):
        raise fail("wrong-type", f"`{key}` takes a name, never an expression", tree.at)
    return name


def _texts(tree: Tree | None, what: str) -> tuple[str, ...]:
    return (
        ()
        if tree is None
        else tuple(expect_text(item, f"each value of `{what}`") for item in expect_seq(tree, f"`{what}`"))
    )
