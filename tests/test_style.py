"""The rules of the house that a parser can hold: what may be nested, what is built by keyword."""

import ast
from collections.abc import Iterator

import pytest

from tests.trees import all_trees, nodes_of

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BY_PLACE = 3  # fields or parameters; what has more is built by keyword
TABLES = {"tests/ops/row.py: Good"}  # its instances are the rows of a table
OUTSIDE = ("keras.", "nn.")  # classes whose public methods somebody else calls


def within(tree: ast.AST, kinds: type | tuple[type, ...]) -> Iterator[ast.expr]:
    """Each expression of these kinds with another of them inside."""
    for node in nodes_of(tree):
        if isinstance(node, kinds):
            inner = (child for child in ast.walk(node) if child is not node)
            if any(isinstance(child, kinds) for child in inner):
                yield node


@pytest.mark.parametrize("kinds", [COMPREHENSIONS, ast.IfExp], ids=["comprehension", "condition"])
def test_nothing_is_nested(kinds: type | tuple[type, ...]) -> None:
    """A name for the inner one says what it is."""
    places = [
        f"{file}:{node.lineno}"
        for file, tree in all_trees().items()
        for node in within(tree, kinds)
    ]
    assert places == []


def decorator(node: ast.ClassDef, name: str) -> ast.expr | None:
    for item in node.decorator_list:
        called = item.func if isinstance(item, ast.Call) else item
        if ast.unparse(called).split(".")[-1] == name:
            return item
    return None


def is_field(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.AnnAssign) or "ClassVar" in ast.unparse(statement.annotation):
        return False
    return statement.value is None or "init=False" not in ast.unparse(statement.value)


def test_values_of_more_than_three_fields_are_built_by_keyword() -> None:
    wrong = []
    for file, tree in all_trees().items():
        for node in nodes_of(tree):
            if not isinstance(node, ast.ClassDef) or not (built := decorator(node, "dataclass")):
                continue
            keywords = built.keywords if isinstance(built, ast.Call) else []
            if sum(map(is_field, node.body)) > BY_PLACE and "kw_only" not in {
                keyword.arg for keyword in keywords
            }:
                wrong.append(f"{file}: {node.name}")
    assert set(wrong) == TABLES


def functions(tree: ast.AST, owner: ast.ClassDef | None = None) -> Iterator[ast.FunctionDef]:
    """The functions that our own code alone calls, decorated or not."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            bases = [ast.unparse(base) for base in owner.bases] if owner else []
            is_method_of_others = any(base.startswith(OUTSIDE) for base in bases)
            if node.name.startswith("_") or not is_method_of_others:
                yield node
        yield from functions(node, node if isinstance(node, ast.ClassDef) else None)


def is_called_elsewhere(file: str) -> bool:
    """Typer calls the functions of a command's file by keyword, a pickle its stand-ins by place."""
    return file.startswith("cli/") or file == "data/unpickle.py"


def test_functions_take_the_fourth_parameter_by_keyword() -> None:
    wrong = []
    for file, tree in all_trees().items():
        for node in functions(tree) if not is_called_elsewhere(file) else ():
            parameters = [item.arg for item in (*node.args.posonlyargs, *node.args.args)]
            places = len(parameters) - (parameters[:1] in (["self"], ["cls"]))
            is_open = bool(node.args.vararg)  # nothing stands behind `*notes`
            if places > BY_PLACE and not is_open and not node.name.startswith(("__", "test_")):
                wrong.append(f"{file}:{node.lineno}: {node.name}")
    assert wrong == []
