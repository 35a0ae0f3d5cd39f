"""The code of this repository as syntax trees, each file parsed once for all tests of a worker."""

import ast
from functools import cache
from pathlib import Path

import archcompile

PACKAGE = Path(archcompile.__file__).parent
ROOT = Path(__file__).resolve().parents[1]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def package_trees() -> dict[str, ast.Module]:
    """By the path within the package."""
    return trees_below(PACKAGE, PACKAGE)


@cache
def all_trees() -> dict[str, ast.Module]:
    """Those of the package, and by their path in the repository tests, benchmarks and docs."""
    trees = package_trees()
    for folder in ("benchmarks", "docs", "tests"):
        trees |= trees_below(ROOT / folder, ROOT)
    return trees


def trees_below(folder: Path, base: Path) -> dict[str, ast.Module]:
    files = (path for path in sorted(folder.rglob("*.py")) if "node_modules" not in path.parts)
    return {str(path.relative_to(base)): tree_of(path) for path in files}
