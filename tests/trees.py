"""The package as syntax trees, each file parsed once for all tests of a worker."""

import ast
from functools import cache
from pathlib import Path

import archcompile

PACKAGE = Path(archcompile.__file__).parent


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def package_trees() -> dict[str, ast.Module]:
    """By the path within the package."""
    return {str(path.relative_to(PACKAGE)): tree_of(path) for path in sorted(PACKAGE.rglob("*.py"))}
