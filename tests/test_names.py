"""What names say: predicates begin with a verb, and no name is one that says nothing."""

import ast
from collections.abc import Iterator

import typer

from archcompile.cli.app import app
from archcompile.data.sources import SOURCES
from tests.trees import all_trees, nodes_of, package_trees

# ---- predicates ----------------------------------------------------------------------------------

VERBS = frozenset(
    """
    is has are averages belongs changes comes contains continues covers differs ends enters fits
    follows holds interrupts keeps looks means mirrors names needs prepares reads saturates saves
    skips starts streams stretches strides terminates
    """.split()  # noqa: SIM905 - a list of words
)
OPTION, KEY, RECORD = "an option of `archc train`", "a key in YAML", "a key in a run's files"
# By the file and the name: why this name stays.
REASONS = {
    "ops/act.py: shared": KEY,
    "ops/conv.py: bias": KEY,
    "ops/pool.py: keep_dims": KEY,
    "recipe/model.py: fit_time": KEY,
    "recipe/model.py: xla": KEY,
    "recipe/optimizers.py: nesterov": KEY,
    "recipe/optimizers.py: normalised": KEY,
    "recipe/sections.py: decoupled": KEY,
    "recipe/schedules.py: rise": KEY,
    "report/records.py: deterministic": RECORD,
    "report/records.py: finished": RECORD,
    "run_folder/environment.py: deterministic": RECORD,
    "run_folder/outcome.py: finished": RECORD,
    "training/training_options.py: deterministic": OPTION,
    "training/training_options.py: force": OPTION,
    "training/training_options.py: tensorboard": OPTION,
    "training/request.py: deterministic": OPTION,
    "training/request.py: force": OPTION,
    "training/request.py: resume": OPTION,
    "training/request.py: tensorboard": OPTION,
    "exporting/api.py: preprocessing": "an option of `archc export`",
    "language_server/connection.py: serve": "it does something, and says how that ended",
    "ops/base.py: trainable": "Keras' word",
    "ops/base.py: inputs": "what is kept",
    "ops/base.py: output": "what is kept",
}


def truth_values(tree: ast.AST) -> Iterator[str]:
    """The names of functions that return a truth value, and of fields that hold one."""
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            if ast.unparse(node.returns) == "bool" and not node.name.startswith("__"):
                yield node.name
        elif isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and ast.unparse(field.annotation) == "bool":
                    yield ast.unparse(field.target)


def test_what_is_true_or_false_is_named_by_a_verb() -> None:
    """`is_open`, `has_weights`, `keeps_shape`: the name is a statement that holds or does not."""
    others = {
        f"{file}: {name}"
        for file, tree in package_trees().items()
        for name in truth_values(tree)
        if name.strip("_").split("_")[0] not in VERBS
    }
    assert others - REASONS.keys() == set(), "begin with a verb of VERBS, such as `is_`"
    assert REASONS.keys() - others == set(), "these are gone: shorten the table"


# ---- functions -----------------------------------------------------------------------------------

# Words that end as a participle does and are none; `written` is a noun, after the class `Written`.
OTHERWISE = frozenset(
    {
        "between",
        "children",
        "feed",
        "listen",
        "markdown",
        "need",
        "open",
        "shorten",
        "written",
    }
)
LOOSE_ENDS = frozenset({"after", "and", "as", "at", "by", "for", "from", "in", "of", "on", "since"})


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """The functions and methods; properties are read like fields, and named like them."""
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef) and not any(
            "property" in ast.unparse(decorator) for decorator in node.decorator_list
        ):
            yield node


def is_bare_participle(name: str) -> bool:
    """Whether a participle has no noun behind it: `mapped`, `measured_on`, not `shared_boxes`."""
    first, *rest = name.strip("_").split("_")
    is_participle = first.endswith(("ed", "en", "wn")) and first not in OTHERWISE
    return is_participle and (not rest or rest[0] in LOOSE_ENDS)


def test_no_function_is_a_bare_participle() -> None:
    """A function does something: `map_images`, not `mapped`."""
    names = [
        f"{file}:{node.lineno}: {node.name}"
        for file, tree in all_trees().items()
        for node in functions(tree)
        if not node.name.startswith("__") and is_bare_participle(node.name)
    ]
    assert names == []


# ---- files ---------------------------------------------------------------------------------------

# Pairs of rooms that name their files alike on purpose, and files that rooms have in common.
MIRRORS = {"engine/tensorflow", "engine/jax"}
SHARED = {
    "__init__": "what is said of a room",
    "api": "the way into `archcompile`, into `training` and into `exporting`",
}
# Files named after what a user writes: a command, and a source of data.
NAMED_BY_USERS = {
    *(f"cli/{command}.py" for command in typer.main.get_command(app).commands),
    *(f"data/{source}.py" for source in SOURCES),
}


def test_a_file_is_known_by_its_name() -> None:
    """Who looks for a file by its name finds one: what two rooms call alike is told apart."""
    rooms: dict[str, set[str]] = {}
    for file in package_trees():
        room, _, name = file.removesuffix(".py").rpartition("/")
        if file not in NAMED_BY_USERS:
            rooms.setdefault(name, set()).add(room)
    shared = {
        name: homes for name, homes in rooms.items() if len(homes) > 1 and not homes <= MIRRORS
    }
    assert shared.keys() - SHARED == set(), "name each after what sets it apart"
    assert SHARED.keys() - shared.keys() == set(), "these are gone: shorten the table"


# ---- names that say nothing ----------------------------------------------------------------------

EMPTY_WORDS = frozenset(
    """
    found here made mine one other own said stuff theirs there thing things told wanted
    """.split()  # noqa: SIM905 - a list of words
)


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of all that the code names itself."""
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.MatchAs) and node.name:
            yield node.lineno, node.name


def test_no_name_says_nothing() -> None:
    """A name says what a thing is in the field's words, not that somebody made or found it."""
    empty = [
        f"{file}:{line}: {name}"
        for file, tree in all_trees().items()
        for line, name in names(tree)
        if name.strip("_").lower() in EMPTY_WORDS
    ]
    assert empty == []


# ---- messages ------------------------------------------------------------------------------------


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of all strings; what is formatted into one is an ellipsis."""
    formatted = [node for node in nodes_of(tree) if isinstance(node, ast.JoinedStr)]
    for node in formatted:
        parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
        yield node.lineno, "".join(map(str, parts))
    parts_of_others = {part for node in formatted for part in node.values}
    for node in nodes_of(tree):
        if isinstance(node, ast.Constant) and node not in parts_of_others:
            yield node.lineno, str(node.value)


def test_messages_say_what_was_expected_and_then_what_was_got() -> None:
    """`WHAT: expected …, got …`, not `it needs …, got …` and not `it is …, expected …`."""
    others = [
        f"{file}:{line}: {text}"
        for file, tree in package_trees().items()
        for line, text in texts(tree)
        if ", expected" in text or (", got " in text and "expected" not in text)
    ]
    assert others == []


# ---- what has a name -----------------------------------------------------------------------------


def is_ceiling_division(node: ast.AST) -> bool:
    """Whether a node is `-(-a // b)` in any order of signs."""
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.BinOp)
        and isinstance(node.operand.op, ast.FloorDiv)
    )


def test_ceiling_divisions_have_a_name() -> None:
    """`ops.ceil_div` is the one, and the tests' own reading of the language has its own."""
    places = [
        file
        for file, tree in all_trees().items()
        for node in nodes_of(tree)
        if is_ceiling_division(node)
    ]
    assert places == ["ops/windows.py", "tests/oracles/language/shapes.py"]


def test_limits_have_one_home() -> None:
    """`MAX_…` is what archc takes of its input, and stands in `limits.py`."""
    constants = [
        f"{file}:{node.lineno}: {node.id}"
        for file, tree in package_trees().items()
        for node in nodes_of(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        if node.id.startswith("MAX_") and file != "limits.py"
    ]
    assert constants == []


MOST_LINES = 50  # of a function, without its parameters and its docstring


def body(function: ast.FunctionDef) -> list[ast.stmt]:
    """The statements of a function, without its docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


def length(function: ast.FunctionDef) -> int:
    """The lines of a function's statements."""
    statements = body(function)
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1 if statements else 0


def test_functions_are_short() -> None:
    """A long one is several steps, and each has a name."""
    long = [
        f"{file}:{node.lineno}: {node.name}, {length(node)} lines"
        for file, tree in all_trees().items()
        for node in nodes_of(tree)
        if isinstance(node, ast.FunctionDef) and length(node) > MOST_LINES
    ]
    assert long == []


def test_no_helper_is_written_twice() -> None:
    """Two functions of one name and one body are one function, offered by the lower room."""
    files: dict[tuple[str, str], list[str]] = {}
    for file, tree in all_trees().items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and length(node) > 1:
                statements = "\n".join(map(ast.unparse, body(node)))
                files.setdefault((node.name, statements), []).append(file)
    assert [(name, twice) for (name, _), twice in files.items() if len(twice) > 1] == []
