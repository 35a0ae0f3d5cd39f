"""What a spec says without effect: variables, blocks, arguments, defaults, names and `allow:`.

Only what the spec's own file says is reported, not what it inherits or what a library holds for
others; where settings (`--set`) change the spec, only what they say.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from archcompile.errors import Location, nearest
from archcompile.limits import MAX_UNUSED
from archcompile.spec.check import choice_name
from archcompile.spec.expansion.row_units import has_join
from archcompile.spec.expansion.scope import Expanded
from archcompile.spec.expressions import names_in, shape_facts
from archcompile.spec.language import (
    BLOCK_INPUT,
    INPUT,
    Allowed,
    Argument,
    Block,
    Finding,
    Row,
    Spec,
    Step,
    finding,
    read_allowed,
)
from archcompile.spec.yaml import Entry, Map, Tree, submap

Key = tuple[bool, str]  # whether it is a rule, and its name
_NOT_BUILT = ("vars", "expect", "blocks", "shortcuts", "about", "name", "train", "allow")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A block or rule in use, and what it is given there. Only a part's row sees variables."""

    block: Block
    given: frozenset[str]
    at: Location
    is_in_part: bool

    @property
    def key(self) -> Key:
        return _key(self.block)


def _key(block: Block) -> Key:
    """Tells blocks and rules of one name apart."""
    return block.is_rule, block.name


def _what(block: Block) -> str:
    return f"the {'rule' if block.is_rule else 'block'} '{block.name}'"


def spec_findings(expanded: Expanded) -> list[Finding]:
    """Findings about what reaches nothing."""
    spec = expanded.spec
    top = read_allowed(spec.tree.get("allow"))
    uses = list(_uses(spec))
    used = {use.key for use in uses}
    return [
        *islice(_variables(spec, uses, top), MAX_UNUSED),
        *_blocks(spec, used, top),
        *_inputs(spec, top),
        *_defaults(expanded, top),
        *_names(spec, top),
    ]


def is_own(spec: Spec, at: Location) -> bool:
    """Whether something was written in the spec's own file; with settings, on the command line."""
    return at.file.startswith("--set ") if spec.sets else at.file == spec.file


# ---- what is in use ------------------------------------------------------------------------------


def _uses(spec: Spec) -> Iterator[_Use]:
    """All blocks and rules that the parts reach, whatever conditions say."""
    seen: set[Key] = set()
    todo: list[tuple[Row | Step | Tree, bool]] = []
    for part in spec.parts:
        todo += [(part.row, True)] if part.row else [(step, True) for step in part.steps()]
    if whole := spec.tree.get("shortcut"):
        todo.append((whole, True))
    while todo:
        item, is_in_part = todo.pop()
        if isinstance(item, Step):
            rule = item.attributes.get("rule")
            todo += [(inner, is_in_part) for inner in (item.row, rule) if inner]
            continue
        if isinstance(item, Row):
            todo += [(tree, is_in_part) for tree in item.choices()]
            use: _Use | None = _use_of_block(spec, item, is_in_part)
        else:
            use = _use_of_rule(spec, item, is_in_part)
        if use:
            yield use
            if use.key not in seen:
                seen.add(use.key)
                todo += [(step, False) for step in use.block.steps()]


def _use_of_block(spec: Spec, row: Row, is_in_part: bool) -> _Use:
    given = set(row.arguments.entries).union(*(edge.entries for edge in row.edges()))
    for defaults in (submap(spec.tree, "defaults"), row.defaults):
        given |= set(submap(defaults, row.block).entries) if defaults else set()
    block = spec.blocks[row.block]
    return _Use(block=block, given=frozenset(given), at=row.at, is_in_part=is_in_part)


def _use_of_rule(spec: Spec, choice: Tree, is_in_part: bool) -> _Use | None:
    name = choice_name(choice) or ""
    if name not in spec.rules:
        return None
    given = frozenset(submap(choice, name).entries)
    return _Use(block=spec.rules[name], given=given, at=choice.at, is_in_part=is_in_part)


# ---- variables -----------------------------------------------------------------------------------


def _variables(spec: Spec, uses: Iterable[_Use], top: tuple[Allowed, ...]) -> Iterator[Finding]:
    """Variables that reach nothing, or that blocks are not given."""
    entries = submap(spec.tree, "vars").entries
    reached = _variables_reached(spec, entries)
    uses = list(uses)
    for name, entry in entries.items():
        dead = name not in reached
        left = [use for use in uses if (dead or use.is_in_part) and _keeps_default(use, name)]
        if left:
            yield from _variables_not_passed(spec, name, entry, left=left, top=top)
        elif dead and is_own(spec, entry.at):
            known = [*reached, *(argument for use in uses for argument in use.block.arguments)]
            meant = nearest(name, [word for word in known if word != name])
            yield finding(
                "unused-var",
                f"the variable '{name}' affects nothing that is built",
                entry.at,
                allow=top,
                hint=_hint(name, meant),
            )


def _hint(name: str, meant: str | None) -> str:
    if meant:
        return f"did you mean `{meant}`?"
    return f"write `${name}` where it is meant, or remove it"


def _variables_reached(spec: Spec, entries: Mapping[str, Entry]) -> set[str]:
    """The variables that something built needs; those worked out from others may serve a claim."""
    trees = [value for key, value in spec.tree.items() if key not in _NOT_BUILT]
    built = _closure(set().union(*map(names_in, trees)), entries)
    claimed = _closure(set(names_in(spec.expect)), entries) if spec.expect else set()
    return built | {name for name in claimed if names_in(entries[name].value)}


def _closure(names: set[str], entries: Mapping[str, Entry]) -> set[str]:
    """The variables among `names`, and those that they are worked out from."""
    closure: set[str] = set()
    todo = set(names)
    while todo:
        name = todo.pop()
        if name in entries and name not in closure:
            closure.add(name)
            todo |= names_in(entries[name].value)
    return closure


def _keeps_default(use: _Use, name: str) -> bool:
    argument: Argument | None = use.block.arguments.get(name)
    return argument is not None and argument.default is not None and name not in use.given


def _variables_not_passed(
    spec: Spec, name: str, entry: Entry, *, left: list[_Use], top: tuple[Allowed, ...]
) -> Iterator[Finding]:
    """The uses that keep the default of an argument called like a variable."""
    for use in {use.block.name: use for use in reversed(left)}.values():
        if not (is_own(spec, entry.at) or is_own(spec, use.at)):
            continue
        handed_on = f"{{{use.block.name}: {{{name}: ${name}}}}}"
        way = f"`{name}: ${name}` in the row, or `defaults: {handed_on}`"
        if use.block.is_rule:
            way = f"`shortcut: {handed_on}`"
        yield finding(
            "var-not-passed",
            f"the variable '{name}' is not passed to {_what(use.block)}, whose argument of that "
            "name keeps its default",
            entry.at,
            allow=top,
            hint=f"blocks do not see variables: write {way}",
            notes=(("used here", use.at), ("the argument", use.block.arguments[name].at)),
        )


# ---- blocks, defaults, names ---------------------------------------------------------------------


def _blocks(spec: Spec, used: set[Key], top: tuple[Allowed, ...]) -> Iterator[Finding]:
    """Blocks and rules that nothing uses, and arguments that their bodies do not use."""
    for block in spec.definitions():
        if not is_own(spec, block.at):
            continue
        allow = (*top, *block.allow)
        if _key(block) not in used:
            yield finding(
                "unused-block",
                f"{_what(block)} is not used",
                block.at,
                allow=allow,
                hint="use it, or remove it",
            )
        named = _names_in_body(block)
        for name, argument in block.arguments.items():
            if name not in named:
                yield finding(
                    "unused-argument",
                    f"{_what(block)} does not use its argument '{name}'",
                    argument.at,
                    allow=allow,
                    hint=_hint(name, nearest(name, named - set(block.arguments))),
                )


def _names_in_body(block: Block) -> set[str]:
    """What the body depends on, through the defaults of arguments too."""
    form = block.source
    todo = set(names_in(form["body"])) if isinstance(form, Map) else set()
    names: set[str] = set()
    while todo:
        name = todo.pop()
        names.add(name)
        default = block.arguments[name].default if name in block.arguments else None
        todo |= (names_in(default) if default else frozenset()) - names
    return names


def _defaults(expanded: Expanded, top: tuple[Allowed, ...]) -> Iterator[Finding]:
    """Defaults that no op or block of the network took: there is none, or each says otherwise."""
    spec = expanded.spec
    levels = [(spec.tree.get("defaults"), top)]
    levels += [(row.defaults, (*top, *row.allow)) for row in spec.rows()]
    for level, allow in levels:
        for kind, entry in level.entries.items() if isinstance(level, Map) else ():
            yield from _defaults_of(kind, entry, expanded, allow=allow)


def _defaults_of(
    kind: str, entry: Entry, expanded: Expanded, *, allow: tuple[Allowed, ...]
) -> Iterator[Finding]:
    values = entry.value.entries if isinstance(entry.value, Map) else {}
    dead = [
        key
        for key, item in values.items()
        if id(item.value) not in expanded.reached and is_own(expanded.spec, item.at)
    ]
    if dead and len(dead) == len(values):
        yield finding(
            "unused-default",
            f"no '{kind}' of the network uses these defaults",
            entry.at,
            allow=allow,
            hint="remove them: there is no such layer, or each sets its own values",
        )
        return
    for key in dead:
        yield finding(
            "unused-default",
            f"no '{kind}' of the network uses this default of '{key}'",
            values[key].at,
            allow=allow,
            hint="remove it: each layer sets its own value",
        )


def _names(spec: Spec, top: tuple[Allowed, ...]) -> Iterator[Finding]:
    """Names of steps that nothing refers to."""
    steps = [(step, block.allow) for block in spec.definitions() for step in block.steps()]
    steps += [(step, ()) for part in spec.parts for step in part.steps()]
    used = _names_of_outputs(spec)
    for step, _ in steps:
        used.update(point.name for point in step.references())
    for step, allow in steps:
        # the parts of a `split` have to have names; the list goes on with the last
        if step.name and step.name not in used and is_own(spec, step.at):
            yield finding(
                "unused-name",
                f"nothing refers to '{step.name}'",
                step.at,
                allow=(*top, *allow, *step.allow),
                hint="it still names the layer; remove it if it was meant for `from` or `with`",
            )


def _names_of_outputs(spec: Spec) -> set[str]:
    outputs = spec.tree.get("outputs")
    if not isinstance(outputs, Map):
        return set()
    return {str(getattr(tree, "value", "")).split(".")[-1] for _, tree in outputs.items()}


def _inputs(spec: Spec, top: tuple[Allowed, ...]) -> Iterator[Finding]:
    """Inputs of blocks that none of their steps refers to, by name or by a fact."""
    for block in spec.blocks.values():
        used = {point.name for step in block.steps() for point in step.references()}
        # the first one is also where the list and a shortcut start
        starts = block.body[:1] and block.body[0].source is None
        is_used = starts or used & {INPUT, BLOCK_INPUT} or has_join(block.body)
        facts = _names_in_body(block)
        for name in block.inputs[1:] if is_used else block.inputs:
            is_measured = not facts.isdisjoint(shape_facts(name))
            if not is_measured and name not in used and is_own(spec, block.at):
                yield finding(
                    "unused-argument",
                    f"no step of the block '{block.name}' refers to its input '{name}'",
                    block.at,
                    allow=(*top, *block.allow),
                    hint=f"join it where it is meant, as by `add: {{with: {name}}}`, or remove it",
                )


# ---- allow ---------------------------------------------------------------------------------------


def unused_allow(expanded: Expanded, needed: set[Allowed]) -> Iterator[Finding]:
    """`allow:` codes that silence nothing. `needed` are those that do."""
    spec = expanded.spec
    top = read_allowed(spec.tree.get("allow"))
    used = {use.key for use in _uses(spec)}
    blocks = [block for block in spec.definitions() if _key(block) in used]
    steps = [step for block in blocks for step in block.steps()]
    steps += [step for part in spec.parts for step in part.steps()]
    owners: list[Row | Block | Step] = [*spec.rows(), *blocks, *steps]
    written = [*top, *(allowed for owner in owners for allowed in owner.allow)]
    for allowed in dict.fromkeys(written):
        if allowed not in needed and allowed.code != "unused-allow" and is_own(spec, allowed.at):
            yield finding(
                "unused-allow",
                f"there is no '{allowed.code}' here to allow",
                allowed.at,
                allow=top,
                hint="remove it",
            )
