"""Every quick fix mends what it belongs to: applied, the finding is gone and the text is YAML."""

import re
from collections import Counter
from pathlib import Path

import pytest

from archcompile.editor import Finding, Workspace, find_problems
from archcompile.editor.quick_fixes import BY_HINT
from tests.editor.editing import apply_to_files

HEAD = "archc: 1\ninput: [8, 8, 3]\n"
# mistakes that the cases of the compiler have not
PLANTED = {
    "a block in a list": (
        HEAD + "vars: {width: 4}\nblocks:\n  unit:\n    - conv: {filters: $width, kernel: 3}\n"
        "stages:\n  s1: {block: unit}\n",
        "pass `width` to the block 'unit'",
    ),
    "a block in brackets": (
        HEAD + "vars: {width: 4}\nblocks:\n  unit: [conv: {filters: $width, kernel: 3}]\n"
        "stages:\n  s1: {block: unit}\n",
        "pass `width` to the block 'unit'",
    ),
    "a tab": (HEAD + "stem:\n\t- bn\nhead: [flatten]\n", "indent with spaces"),
    "no input": ("archc: 1\nstem: [bn]\n", "add `input: [32, 32, 3]`"),
    "no version": ("input: [8, 8, 3]\nstem: [bn]\n", "begin with `archc: 1`"),
    "a library is missing": (
        HEAD + "stages:\n  s1: {block: basic, filters: 3}\n",
        "bring in `blocks/residual.yaml`",
    ),
    "a dollar within": (HEAD + "vars: {n: 2, m: $(1 + $n)}\nstem: [bn]\n", "write `$(1 + n)`"),
}  # fmt: skip


def check(file: Path, text: str) -> Counter[str]:
    """Applies every fix of every finding; how often each kind of title came up."""
    workspace = Workspace()
    workspace.open(file, text)
    findings = find_problems(workspace.analyse(file))
    before = Counter((each.code, each.message) for each in findings)
    titles: Counter[str] = Counter()
    for finding in findings:
        for fix in finding.fixes:
            changed = apply_to_files(workspace, fix.edits)
            after = find_problems(changed.analyse(file))
            key = (finding.code, finding.message)
            left = Counter((each.code, each.message) for each in after)[key]
            assert left < before[key], (file.name, finding, fix)
            assert finding.code == "yaml" or "yaml" not in {each.code for each in after}, fix
            titles[fix.title] += 1
    return titles


def test_fixes_of_all_cases(root: Path) -> None:
    titles = Counter[str]()
    for file in sorted((root / "tests/cases").glob("*.yaml")):
        titles += check(file, file.read_text())
    assert titles.total() > 200


@pytest.mark.parametrize("name", PLANTED)
def test_fixes_of_planted_mistakes(name: str, tmp_path: Path) -> None:
    text, title = PLANTED[name]
    assert title in check(tmp_path / "spec.yaml", text)


def test_every_sentence_of_the_table_is_said(root: Path, tmp_path: Path) -> None:
    """A hint that is worded anew takes its fix with it."""
    hints = set()
    texts = [file.read_text() for file in (root / "tests/cases").glob("*.yaml")]
    for text in (*texts, *(planted for planted, _ in PLANTED.values())):
        workspace = Workspace()
        file = root / "tests/cases/typed.yaml"
        workspace.open(file, text)
        hints |= {finding.hint or "" for finding in find_problems(workspace.analyse(file))}
    for pattern, _ in BY_HINT:
        assert any(re.search(pattern, hint) for hint in hints), pattern


def finding_of(findings: tuple[Finding, ...], code: str) -> Finding:
    return next(finding for finding in findings if finding.code == code)


def test_a_mistake_in_a_library_is_mended_there(tmp_path: Path) -> None:
    library, spec = tmp_path / "lib.yaml", tmp_path / "spec.yaml"
    library.write_text("archc: 1\nblocks:\n  unit: [cnov: {filters: 3, kernel: 3}]\n")
    workspace = Workspace()
    workspace.open(spec, HEAD + "uses: [lib.yaml]\nstages:\n  s1: {block: unit}\n")
    finding = finding_of(find_problems(workspace.analyse(spec)), "unknown-step")
    assert finding.span.start.line == 5, "at the row, where the user can act"
    assert [place.file for _, place in finding.notes] == [library]
    (fix,) = finding.fixes
    changed = apply_to_files(workspace, fix.edits)
    assert "unknown-step" not in {each.code for each in find_problems(changed.analyse(spec))}
    assert changed.read(library) != library.read_text() == workspace.read(library)
