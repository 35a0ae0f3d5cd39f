"""The code of this repository as syntax trees, for the tests that hold the rules of the house."""

import ast
from pathlib import Path

import archcompile

PACKAGE = Path(archcompile.__file__).parent
ROOT = Path(__file__).resolve().parents[1]


def parse_below(folder: Path, base: Path) -> dict[str, ast.Module]:
    """By the path of each file, as seen from `base`."""
    files = (path for path in sorted(folder.rglob("*.py")) if "node_modules" not in path.parts)
    return {str(path.relative_to(base)): ast.parse(path.read_text()) for path in files}


PACKAGE_TREES = parse_below(PACKAGE, PACKAGE)
TREES = PACKAGE_TREES | {
    file: tree
    for folder in ("benchmarks", "docs", "tests")
    for file, tree in parse_below(ROOT / folder, ROOT).items()
}
