"""Texts of open files come before the disk; what is known of a text is kept until it changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archcompile.editor import (
    Analysis,
    Symbol,
    Workspace,
    committed_text,
    find_problems,
    list_folds,
    list_yaml_files,
    outline,
    summarise,
    yaml_tree,
)
from tests.editor.editing import analyse

LIBRARY = "archc: 1\nblocks:\n  unit: [conv: {filters: 3, kernel: 3}]\n"
PARENT = "archc: 1\nuses: [lib.yaml]\ninput: [8, 8, 3]\nstages:\n  s1: {block: unit}\n"
CHILD = "archc: 1\nextends: parent.yaml\nhead: [global_avg_pool]\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    names = {"lib.yaml": LIBRARY, "parent.yaml": PARENT, "child.yaml": CHILD}
    for name, text in names.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / name for name in names]


def shape(analysis: Analysis) -> tuple[int, ...]:
    assert analysis.graph, analysis.diagnostics
    return next(iter(analysis.graph.output_shapes.values()))


def test_open_texts_come_before_the_disk(files: list[Path]) -> None:
    library, parent, child = files
    workspace = Workspace()
    workspace.open(child, CHILD)
    first = workspace.analyse(child)
    assert shape(first) == (3,)
    workspace.open(library, LIBRARY.replace("filters: 3", "filters: 7"))
    assert shape(workspace.analyse(child)) == (7,)
    workspace.open(parent, PARENT.replace("[8, 8, 3]", "[9, 8, 3]"))
    graph = workspace.analyse(child).graph
    assert graph and graph.input_shape == (9, 8, 3)
    workspace.close(library)
    workspace.close(parent)
    assert shape(workspace.analyse(child)) == (3,)


def test_an_analysis_is_kept_until_a_file_changes(files: list[Path]) -> None:
    library, _, child = files
    workspace = Workspace()
    first = workspace.analyse(child)
    assert first.graph and workspace.analyse(child) is first
    library.write_text(LIBRARY.replace("filters: 3", "filters: 12"))
    assert shape(workspace.analyse(child)) == (12,), "the disk has changed"
    workspace.open(child, CHILD + "# more\n")
    assert workspace.analyse(child) is not first


def test_a_missing_library_is_looked_for_again(files: list[Path]) -> None:
    library, parent, _ = files
    library.unlink()
    workspace = Workspace()
    assert {each.code for each in find_problems(workspace.analyse(parent))} >= {"unknown-file"}
    library.write_text(LIBRARY)
    assert workspace.analyse(parent).graph


def test_text_findings_need_no_graph(files: list[Path]) -> None:
    workspace = Workspace()
    workspace.open(files[1], PARENT.replace("block: unit", "block: unti"))
    analysis = workspace.analyse(files[1])
    assert [finding.code for finding in analysis.text_findings] == ["unknown-step"]
    assert not analysis.is_compiled
    assert find_problems(analysis) == analysis.text_findings


def test_the_last_good_graph_stays(files: list[Path]) -> None:
    workspace = Workspace()
    good = workspace.analyse(files[1]).graph
    for typed in ("s2: {", "s2: {block", "s2: {block: un"):
        workspace.open(files[1], f"{PARENT}  {typed}\n")
        analysis = workspace.analyse(files[1])
        assert analysis.graph is None and analysis.is_stale
        assert analysis.last_good and analysis.last_good.graph is good


def test_other_kinds_of_files_have_findings(tmp_path: Path) -> None:
    kinds = {
        "library": "archc: 1\nblocks: {unit: [cnov]}\n",
        "recipe": "archc: 1\nepoch: 3\nbatch_size: 3\n",
        "experiment": "archc: 1\nspecs: [nothing]\nrecipes: [article]\n",
    }
    for kind, text in kinds.items():
        analysis = analyse(text, tmp_path / "file.yaml")
        assert analysis.kind == kind
        assert find_problems(analysis) and analysis.graph is None


def names(symbols: tuple[Symbol, ...]) -> list[object]:
    return [[each.name, *names(each.children)] for each in symbols]


def test_outline_and_folds(tmp_path: Path) -> None:
    text = "# one\n# two\narchc: 1\nvars: {a: 1, b: 2}\nstages:\n  s1:\n    - bn\n    - relu\n"
    analysis = analyse(text, tmp_path / "spec.yaml")
    assert names(outline(analysis)) == [["archc"], ["vars", ["a"], ["b"]], ["stages", ["s1"]]]
    assert [(f.first_line, f.last_line) for f in list_folds(analysis)] == [(1, 2), (5, 8), (6, 8)]


def test_the_lens_tells_what_changed(root: Path) -> None:
    file = root / "specs/resnet_v1.yaml"
    text = file.read_text()
    before = analyse(text, file)
    (lens,) = summarise(analyse(text.replace("depth: 20", "depth: 26"), file), before)
    assert lens.text.startswith("depth 26 (+6) · 372,330 parameters (+97,888)")
    (lens,) = summarise(analyse(text + "# more\n", file), before)
    assert lens.text.endswith("the same network as before")
    assert summarise(analyse("archc: 1\n", file), before) == ()


def test_no_framework_is_loaded(root: Path) -> None:
    script = """
import sys
from pathlib import Path
from archcompile.editor import *
for name in ("resnet_v1", "recipes/article", "experiments/fast", "blocks/residual"):
    analysis = Workspace().analyse(Path("specs", name + ".yaml"))
    words = analysis.reading.words
    (find_problems(analysis), list_hints(analysis, 1, 99), map_lines(analysis))
    (outline(analysis), summarise(analysis, analysis))
    for word in words:
        (describe(analysis, word.span.start), complete(analysis, word.span.end))
print({"tensorflow", "keras", "numpy", "networkx", "matplotlib"} & sys.modules.keys())
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# ---- git -----------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose configuration would write a file `ran`, were anything of it run."""

    def git(*words: str) -> None:
        identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        author = ("-c", "user.name=x", "-c", "user.email=x@y", "-c", "commit.gpgsign=false")
        subprocess.run(
            ["git", *author, *words],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            env={**os.environ, **identity},
        )

    git("init")
    (tmp_path / "spec.yaml").write_text(CHILD)
    (tmp_path / "-odd name.yaml").write_text("odd")
    git("add", ".")
    git("commit", "-m", "first")
    run = f"sh -c 'touch {tmp_path}/ran; cat'"
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv"):
        git("config", key, run)
    git("config", "core.pager", run)
    git("config", "alias.cat-file", f"!{run}")
    (tmp_path / ".gitattributes").write_text("*.yaml filter=evil diff=evil\n")
    hook = tmp_path / ".git/hooks/post-index-change"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    return tmp_path


def test_the_committed_text_is_read_and_nothing_is_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    (repository / "spec.yaml").write_text("changed")
    assert committed_text(repository / "spec.yaml") == CHILD
    assert committed_text(repository / "-odd name.yaml") == "odd"
    assert committed_text(repository / "new.yaml") is None
    assert not (repository / "ran").exists()


def test_without_a_repository_nothing_is_committed(tmp_path: Path) -> None:
    assert committed_text(tmp_path / "spec.yaml") is None
    assert committed_text(tmp_path / "missing" / "spec.yaml") is None


def test_a_tree_is_looked_through_from_its_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spec may lie in somebody's home: what is hidden, linked or far down is left out."""
    for name in ("b.yaml", "a/c.yaml", "a/deep/d.yaml", ".hidden/e.yaml", "a/f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a/circle").symlink_to(tmp_path)
    files = [tmp_path / name for name in ("a/c.yaml", "a/deep/d.yaml", "b.yaml")]
    assert list_yaml_files(tmp_path) == files
    monkeypatch.setattr(yaml_tree, "MAX_TREE_FOLDERS", 2)
    assert list_yaml_files(tmp_path) == [files[0], files[2]]
    monkeypatch.setattr(yaml_tree, "MAX_TREE_FILES", 1)
    assert list_yaml_files(tmp_path) == [files[2]]
