"""Quick fixes that add keys and steps, or take them out."""

import re
from collections.abc import Iterator

from archcompile.editor.answers import Fix, Position
from archcompile.editor.file_edits import Edits, FileEdits
from archcompile.editor.names import names_with_places
from archcompile.editor.problem import Problem
from archcompile.editor.surroundings import Definition, SourceFile
from archcompile.editor.words import Path, Word
from archcompile.shipped import shipped_folder
from archcompile.spec.expressions import is_expression
from archcompile.spec.language import REMARKS, WARNINGS

MOST_RULES = 6  # that a spec without a choice is offered
_MANY = re.compile(r"\(and so \d+ more layers?\)$")
_HAND_OVER = re.compile(r"pass it on: `args: \{(\w+): (\w+)\}` in the (block|rule)")
_BLOCK_IN_MESSAGE = re.compile(r"the (?:block|rule) '(\w+)'")
_ARGUMENT = re.compile(r"'(\w+)' needs the argument '(\w+)'")


def allow_code(problem: Problem, code: str = "") -> Iterator[Fix]:
    """`allow: [CODE]`, on the step or row of a single finding, and for the whole file."""
    code = code or problem.code
    if code not in (*WARNINGS, *REMARKS):
        return
    path = problem.path
    if path and not _MANY.search(problem.message) and _is_code_holder(problem, path):
        yield Fix(f"allow `{code}` here", _add_code(problem, path, code))
    if problem.analysis.kind == "spec" and problem.diagnostic.severity != "error":
        whole = _add_code(problem, (), code)
        yield Fix(f"allow `{code}` in the whole file", whole)


def _is_code_holder(problem: Problem, path: Path) -> bool:
    """Whether a step, or a stage's row that names its block, begins here."""
    slot = problem.seen.slot(path)
    if slot.kind == "stage":
        return not isinstance((problem.reading.children.get(path) or (0,))[0], int)
    is_step = slot.kind == "step" or (len(path) > 1 and isinstance(path[-2], int))
    return is_step and slot.kind in ("step", "attributes")


def _add_code(problem: Problem, path: Path, code: str) -> Edits:
    """A code for the step or row at a path, or for the whole file that was asked about."""
    edits = problem.edits if path else problem.own_edits
    reading = edits.file.reading
    if reading.children.get((*path, "allow")) or (*path, "allow") in reading.brackets:
        return edits.add_item((*path, "allow"), code)
    codes = [*(() if path else _codes_of_parents(problem)), code]
    return edits.set(path, "allow", f"[{', '.join(codes)}]")


def _codes_of_parents(problem: Problem) -> list[str]:
    """What a file without a list of its own allows already."""
    for parent in problem.seen.chain[1:]:
        count = len(parent.reading.children.get(("allow",), ()))
        if count:
            texts = (parent.reading.text_at("allow", i) for i in range(count))
            return [text for text in texts if text]
    return []


def bring_in(problem: Problem, library: str) -> Iterator[Fix]:
    """One more library in `uses`."""
    yield Fix(f"bring in `{library}`", problem.edits.add_item(("uses",), library))


def remove_it(problem: Problem) -> Iterator[Fix]:
    """Takes out the key or the item that a finding stands at."""
    path = problem.path
    if path is None or (problem.code == "unused-var" and _is_named_elsewhere(problem)):
        return
    if problem.code == "unused-name":
        path = _attributes(problem, path, "name")
    edits = problem.edits.remove(path)
    if edits:
        yield Fix("remove it", edits)


def _is_named_elsewhere(problem: Problem) -> bool:
    """Whether an expression of the file names a variable that affects nothing, as a claim may."""
    name = problem.word.text if problem.word else ""
    texts = (word.text for word in problem.reading.words if not word.is_key)
    return any(name in dict(names_with_places(text)) for text in texts if is_expression(text))


def _attributes(problem: Problem, path: Path, key: str) -> Path:
    """The path of an attribute of the step at a path, which ends in the step's word or place."""
    children = problem.reading.children.get(path, ())
    is_place = bool(path) and isinstance(path[-1], int)
    return (*path, children[0], key) if is_place and children else (*path, key)


def add_top_key(problem: Problem, key: str, value: str) -> Iterator[Fix]:
    yield Fix(f"add `{key}: {value}`", problem.edits.set((), key, value))


def write_version(problem: Problem) -> Iterator[Fix]:
    if ("archc",) in problem.reading.keys:
        yield Fix("write `archc: 1`", problem.edits.set((), "archc", "1"))
    else:
        edits = problem.edits.insert(Position(1, 1), "archc: 1\n")
        yield Fix("begin with `archc: 1`", edits)


def set_bias(problem: Problem, kind: str) -> Iterator[Fix]:
    """`bias: false` for all layers of a kind, unless steps say otherwise."""
    edits = problem.own_edits.set(("defaults", kind), "bias", "false")
    yield Fix(f"no bias in any `{kind}`", edits)


def set_attribute(problem: Problem, key: str, value: str) -> Iterator[Fix]:
    """An attribute of the step that a finding stands at."""
    path = problem.path
    if path and problem.is_editable and _is_code_holder(problem, path):
        holder = _attributes(problem, path, key)[:-1]
        yield Fix(f"write `{key}: {value}`", problem.edits.set(holder, key, value))


def stride_in_first(problem: Problem) -> Iterator[Fix]:
    """The stride of a row for its first unit alone."""
    path = problem.path
    if path is None:
        return
    reading, edits = problem.reading, problem.edits
    stride, span = reading.text_at(*path, "stride"), edits.entry_span((*path, "stride"))
    if stride and span and not reading.children.get((*path, "first")):
        new = f"first: {{stride: {stride}}}"
        yield Fix(f"write `{new}`", edits.replace(span, new))


def put_in_front(problem: Problem, *steps: str) -> Iterator[Fix]:
    """Steps in front of the one that a finding stands at."""
    path = problem.path
    if not path or not problem.is_editable:
        return
    place = path if isinstance(path[-1], int) else path[:-1]
    if place and isinstance(place[-1], int):
        separator = ", " if place[:-1] in problem.reading.brackets else None
        edits: Edits = ()
        if separator:
            edits = problem.edits.insert_before(place, separator.join(steps))
        else:
            for step in steps:
                edits += problem.edits.insert_before(place, step)
        words = " and ".join(f"`{step}`" for step in steps)
        yield Fix(f"put {words} in front", edits)


def choose_rule(problem: Problem, rules: str) -> Iterator[Fix]:
    """A rule for the whole spec, which has none."""
    for rule in rules.split(", ")[:MOST_RULES]:
        yield Fix(f"choose `shortcut: {rule}`", problem.own_edits.set((), "shortcut", rule))


# ---- handing a variable over ---------------------------------------------------------------------


def hand_over(problem: Problem) -> Iterator[Fix]:
    """A variable as an argument: in the definition, and wherever the file uses it."""
    match, name = _HAND_OVER.search(problem.hint), _BLOCK_IN_MESSAGE.search(problem.message)
    if match is None or name is None:
        return
    variable, kind, what = match.groups()
    shelf = "blocks" if what == "block" else "shortcuts"
    definition = problem.seen.definition(shelf, name.group(1))
    if definition is None or definition.file.resolve().is_relative_to(shipped_folder().resolve()):
        return
    owner = next(file for file in problem.seen.files if file.path == definition.file)
    edits = _add_argument(owner, definition, variable, kind=kind)
    edits += _give(problem, definition, variable)
    yield Fix(f"pass `{variable}` to the {what} '{definition.name}'", edits)


def _add_argument(file: SourceFile, block: Definition, name: str, *, kind: str) -> Edits:
    """A definition with one more argument; one that is a bare list becomes a map for it."""
    path, edits = (block.shelf, block.name), FileEdits(file)
    children = file.reading.children.get(path, ())
    if not children or not isinstance(children[0], int):
        return edits.set_first((*path, "args"), name, kind)
    argument, brackets = f"args: {{{name}: {kind}}}", file.reading.brackets.get(path)
    if brackets:
        return (
            *edits.insert(brackets.start, f"{{{argument}, body: "),
            *edits.insert(brackets.end, "}"),
        )
    first = edits.entry_span((*path, 0))
    if first is None:
        return ()
    pad = " " * file.reading.lines[first.start.line - 1].index("-")
    return edits.insert(Position(first.start.line, 1), f"{pad}{argument}\n{pad}body:\n")


def _give(problem: Problem, block: Definition, name: str) -> Edits:
    """`name: $name` in every row and choice of the file that uses a block or rule."""
    edits: Edits = ()
    for word in problem.seen.chain[0].reading.words:
        if word.text != block.name or word.path[:1] in (("blocks",), ("shortcuts",)):
            continue
        slot = problem.seen.slot(word.path)
        if block.shelf == "shortcuts" and slot.kind in ("choice", "rule arguments"):
            edits += _give_to_rule(problem, word, name)
        elif block.shelf == "blocks" and slot.kind == "block":
            edits += problem.own_edits.set(word.path[:-1], name, f"${name}")
        elif block.shelf == "blocks" and slot.kind in ("step", "attributes"):
            edits += problem.own_edits.set(word.path, name, f"${name}")
    return edits


def _give_to_rule(problem: Problem, word: Word, name: str) -> Edits:
    if word.is_key:
        return problem.own_edits.set(word.path, name, f"${name}")
    return problem.own_edits.replace(word.span, f"{{{word.text}: {{{name}: ${name}}}}}")


def give_variable(problem: Problem) -> Iterator[Fix]:
    """An argument that must be given, from the variable of its name."""
    match = _ARGUMENT.search(problem.message)
    if match is None or problem.path is None:
        return
    name = match.group(2)
    if name in problem.seen.variables:
        edits = problem.edits.set(problem.path, name, f"${name}")
        yield Fix(f"write `{name}: ${name}`", edits)


def pass_variable(problem: Problem) -> Iterator[Fix]:
    """`name: $name` where a block or rule keeps the default of an argument called so."""
    match = _BLOCK_IN_MESSAGE.search(problem.message)
    if match is None or problem.word is None:
        return
    for shelf in ("blocks", "shortcuts"):
        definition = problem.seen.definition(shelf, match.group(1))
        if definition:
            edits = _give(problem, definition, problem.word.text)
            if edits:
                yield Fix(f"pass it to '{definition.name}'", edits)
