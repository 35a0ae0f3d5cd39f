"""The code of this repository as syntax trees, each file parsed once for all tests of a worker."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import archcompile

PACKAGE = Path(archcompile.__file__).parent
ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(PACKAGE.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All nodes of a file, which many tests go through."""
    return tuple(ast.walk(tree))


def package_trees() -> dict[str, ast.Module]:
    """By the path within the package."""
    return {str(path.relative_to(PACKAGE)): tree_of(path) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def all_trees() -> dict[str, ast.Module]:
    """Those of the package, and by their path in the repository tests, benchmarks and docs."""
    return package_trees() | {str(path.relative_to(ROOT)): tree_of(path) for path in files_beside()}


def files_beside() -> list[Path]:
    """The files of Python beside the package."""
    folders = (ROOT / name for name in ("benchmarks", "docs", "tests"))
    files = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    return [path for path in files if "node_modules" not in path.parts]


# ---- rooms and imports ---------------------------------------------------------------------------


def unit(path: Path) -> str:
    """The first part below the package: `ops`, `cli`, `errors` …"""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files_of(room: str) -> list[Path]:
    """The files of a room of the package, or the module of its root."""
    return [path for path in FILES if unit(path) == room]


def imports_of(room: str) -> Iterator[tuple[Path, int, str]]:
    """File, line and module of every import in a room."""
    for path in files_of(room):
        yield from ((path, line, module) for line, module in imports(tree_of(path)))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and module of every import, but those for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        else:
            yield from imports(node)
