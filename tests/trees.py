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
