"""What a spec says without effect: variables, blocks, arguments, defaults, names and `allow:` that
reach nothing.

Only what the spec's own file says is told, not what it inherits or what a library holds for others;
where settings (`--set`) change the spec, only what they say.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from archcompile.errors import Location, nearest
from archcompile.spec.check import all_steps, choice_name
from archcompile.spec.expansion.scope import Expanded
from archcompile.spec.expressions import names_in
from archcompile.spec.language import (
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
from archcompile.spec.yaml import Entry, Map, Tree

MOST = 100  # variables that are told: for each, the nearest word is looked for
_NOT_BUILT = ("vars", "expect", "blocks", "shortcuts", "about", "name", "train", "allow")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A block or rule in use: what it is given, and from where. Blocks are closed: only a part's
    row sees variables.
    """

    block: Block
    given: frozenset[str]
    at: Location
    in_part: bool


def spec_findings(expanded: Expanded) -> list[Finding]:
    """Findings about what reaches nothing."""
    spec = expanded.spec
    top = read_allowed(spec.tree.get("allow"))
    uses = list(_uses(spec))
    used = {(use.block.is_rule, use.block.name) for use in uses}
    return [
        *islice(_variables(spec, uses, top), MOST),
        *_blocks(spec, used, top),
        *_defaults(expanded, top),
        *_names(spec, top),
    ]


def own(spec: Spec, at: Location) -> bool:
    """Whether something was written in the spec's own file; with settings, on the command line."""
    return at.file.startswith("--set ") if spec.sets else at.file == spec.file


# ---- what is in use ------------------------------------------------------------------------------


def _uses(spec: Spec) -> Iterator[_Use]:
    """All blocks and rules that the parts reach, whatever conditions say."""
    seen: set[tuple[bool, str]] = set()
    todo: list[tuple[Row | Step | Tree, bool]] = []
    for part in spec.parts:
        content = (part.content,) if isinstance(part.content, Row) else all_steps(part.content)
        todo += [(item, True) for item in content]
    if whole := spec.tree.get("shortcut"):
        todo.append((whole, True))
    while todo:
        item, in_part = todo.pop()
        if isinstance(item, Step):
            todo += [(found, in_part) for found in (item.row, item.attributes.get("rule")) if found]
            continue
        if isinstance(item, Row):
            todo += [(tree, in_part) for tree in choices(item)]
            block: Block | None = spec.blocks[item.block]
            given = set(item.arguments.entries).union(
                *(edge.entries for edge in (item.first, item.last) if edge)
            )
            given |= _given_by_defaults(spec.tree.get("defaults"), item.block) | _given_by_defaults(
                item.defaults, item.block
            )
        else:
            name = choice_name(item) or ""
            block = spec.rules.get(name)
            arguments = item.entries[name].value if isinstance(item, Map) else None
            given = set(arguments.entries) if isinstance(arguments, Map) else set()
        if block:
            yield _Use(block=block, given=frozenset(given), at=item.at, in_part=in_part)
            if (block.is_rule, block.name) not in seen:
                seen.add((block.is_rule, block.name))
                todo += [(step, False) for step in all_steps(block.body)]


def choices(row: Row) -> list[Tree]:
    """The choices of shortcut in a row."""
    found = (row.shortcut, *(edge.get("shortcut") for edge in (row.first, row.last) if edge))
    return [tree for tree in found if tree is not None]


def _given_by_defaults(defaults: Tree | None, block: str) -> set[str]:
    values = defaults.get(block) if isinstance(defaults, Map) else None
    return set(values.entries) if isinstance(values, Map) else set()


def rows(spec: Spec) -> Iterator[Row]:
    """All rows of the parts."""
    for part in spec.parts:
        if isinstance(part.content, Row):
            yield part.content
        else:
            yield from (step.row for step in all_steps(part.content) if step.row)


# ---- variables -----------------------------------------------------------------------------------


def _variables(spec: Spec, uses: Iterable[_Use], top: tuple[Allowed, ...]) -> Iterator[Finding]:
    tree = spec.tree.get("vars")
    entries = tree.entries if isinstance(tree, Map) else {}
    reached = _reached(spec, entries)
    uses = list(uses)
    for name, entry in entries.items():
        dead = name not in reached
        left = [use for use in uses if (dead or use.in_part) and _left_at_default(use, name)]
        if left:
            yield from _not_passed(spec, name, entry, left=left, top=top)
        elif dead and own(spec, entry.at):
            known = [*reached, *(argument for use in uses for argument in use.block.arguments)]
            meant = nearest(name, [word for word in known if word != name])
            hint = (
                f"did you mean `{meant}`?"
                if meant
                else f"write `${name}` where it is meant, or remove it"
            )
            yield finding(
                "unused-var",
                f"the variable '{name}' reaches nothing that is built",
                entry.at,
                allow=top,
                hint=hint,
            )


def _reached(spec: Spec, entries: Mapping[str, Entry]) -> set[str]:
    """The variables that something built depends on. Those worked out from others may also serve a
    claim alone.
    """
    built = _closure(
        {
            name
            for key, value in spec.tree.items()
            if key not in _NOT_BUILT
            for name in names_in(value)
        },
        entries,
    )
    claimed = _closure(set(names_in(spec.expect)), entries) if spec.expect else set()
    return built | {name for name in claimed if names_in(entries[name].value)}


def _closure(names: set[str], entries: Mapping[str, Entry]) -> set[str]:
    """The variables among `names`, and those that they are worked out from."""
    found: set[str] = set()
    todo = set(names)
    while todo:
        name = todo.pop()
        if name in entries and name not in found:
            found.add(name)
            todo |= names_in(entries[name].value)
    return found


def _left_at_default(use: _Use, name: str) -> bool:
    argument: Argument | None = use.block.arguments.get(name)
    return argument is not None and argument.default is not None and name not in use.given


def _not_passed(
    spec: Spec, name: str, entry: Entry, *, left: list[_Use], top: tuple[Allowed, ...]
) -> Iterator[Finding]:
    for use in {use.block.name: use for use in reversed(left)}.values():
        if own(spec, entry.at) or own(spec, use.at):
            block = f"the {'rule' if use.block.is_rule else 'block'} '{use.block.name}'"
            way = (
                f"`shortcut: {{{use.block.name}: {{{name}: ${name}}}}}`"
                if use.block.is_rule
                else (
                    f"`{name}: ${name}` in the row, or `defaults: {{{use.block.name}: {{{name}: "
                    f"${name}}}}}`"
                )
            )
            yield finding(
                "var-not-passed",
                f"the variable '{name}' is not handed to {block}, whose argument of that name "
                "keeps "
                "its default",
                entry.at,
                allow=top,
                hint=f"blocks do not see variables: write {way}",
                notes=(("used here", use.at), ("the argument", use.block.arguments[name].at)),
            )


# ---- blocks, defaults, names ---------------------------------------------------------------------


def _blocks(spec: Spec, used: set[tuple[bool, str]], top: tuple[Allowed, ...]) -> Iterator[Finding]:
    for block in (*spec.blocks.values(), *spec.rules.values()):
        if not own(spec, block.at):
            continue
        allow = (*top, *block.allow)
        what = f"the {'rule' if block.is_rule else 'block'} '{block.name}'"
        if (block.is_rule, block.name) not in used:
            yield finding(
                "unused-block",
                f"{what} is not used",
                block.at,
                allow=allow,
                hint="use it, or remove it",
            )
        named = _names_in_body(block)
        for name, argument in block.arguments.items():
            if name not in named:
                meant = nearest(name, named - set(block.arguments))
                yield finding(
                    "unused-argument",
                    f"{what} makes no use of its argument '{name}'",
                    argument.at,
                    allow=allow,
                    hint=f"write `${name}` where it is meant, or remove it"
                    if meant is None
                    else f"did you mean `{meant}`?",
                )


def _names_in_body(block: Block) -> set[str]:
    """What the body depends on, through the defaults of arguments too."""
    form = block.source
    todo = set(names_in(form["body"])) if isinstance(form, Map) else set()
    found: set[str] = set()
    while todo:
        name = todo.pop()
        found.add(name)
        default = block.arguments[name].default if name in block.arguments else None
        todo |= (names_in(default) if default else frozenset()) - found
    return found


def _defaults(expanded: Expanded, top: tuple[Allowed, ...]) -> Iterator[Finding]:
    """Defaults that no op or block of the network took: there is none, or each says otherwise."""
    spec = expanded.spec
    levels = [
        (spec.tree.get("defaults"), top),
        *((row.defaults, (*top, *row.allow)) for row in rows(spec)),
    ]
    for level, allow in levels:
        for kind, entry in level.entries.items() if isinstance(level, Map) else ():
            values = entry.value.entries if isinstance(entry.value, Map) else {}
            dead = [
                key
                for key, item in values.items()
                if id(item.value) not in expanded.reached and own(spec, item.at)
            ]
            if dead and len(dead) == len(values):
                yield finding(
                    "unused-default",
                    f"no '{kind}' of the network takes these defaults",
                    entry.at,
                    allow=allow,
                    hint="there is none here, or each says otherwise: remove them",
                )
            else:
                for key in dead:
                    yield finding(
                        "unused-default",
                        f"no '{kind}' of the network takes this default of '{key}'",
                        values[key].at,
                        allow=allow,
                        hint="each says otherwise: remove it",
                    )


def _names(spec: Spec, top: tuple[Allowed, ...]) -> Iterator[Finding]:
    lists = _lists(spec)
    outputs = spec.tree.get("outputs")
    said = (
        {str(getattr(tree, "value", "")).split(".")[-1] for _, tree in outputs.items()}
        if isinstance(outputs, Map)
        else set()
    )
    for steps, _ in lists:
        said |= {name for step in steps for name in (step.source, *step.operands) if name}
    for steps, allow in lists:
        for step in steps:
            if step.name and step.name not in said and own(spec, step.at):
                yield finding(
                    "unused-name",
                    f"nothing refers to '{step.name}'",
                    step.at,
                    allow=(*top, *allow, *step.allow),
                    hint="it names the layer all the same; remove it if it was meant for `from` or "
                    "`with`",
                )


def _lists(spec: Spec) -> list[tuple[list[Step], tuple[Allowed, ...]]]:
    """All lists of steps, with what their block allows."""
    found = [
        (list(all_steps(block.body)), block.allow)
        for block in (*spec.blocks.values(), *spec.rules.values())
    ]
    return [
        *found,
        *(
            (list(all_steps(part.content)), ())
            for part in spec.parts
            if isinstance(part.content, tuple)
        ),
    ]


# ---- allow ---------------------------------------------------------------------------------------


def unused_allow(expanded: Expanded, needed: set[Allowed]) -> Iterator[Finding]:
    """`allow:` codes that silence nothing. `needed` are those that do."""
    spec = expanded.spec
    top = read_allowed(spec.tree.get("allow"))
    written = [*top, *(item for row in rows(spec) for item in row.allow)]
    used = {(use.block.is_rule, use.block.name) for use in _uses(spec)}
    blocks = [
        b for b in (*spec.blocks.values(), *spec.rules.values()) if (b.is_rule, b.name) in used
    ]
    lists = [
        *(block.body for block in blocks),
        *(part.content for part in spec.parts if isinstance(part.content, tuple)),
    ]
    written += [item for block in blocks for item in block.allow]
    written += [item for steps in lists for step in all_steps(steps) for item in step.allow]
    for allowed in dict.fromkeys(written):
        if allowed not in needed and allowed.code != "unused-allow" and own(spec, allowed.at):
            yield finding(
                "unused-allow",
                f"there is no '{allowed.code}' here to allow",
                allowed.at,
                allow=top,
                hint="remove it",
            )
