"""Definition, references and rename: the renamed texts compile to the same networks."""

import shutil
from pathlib import Path

import pytest

from archcompile.editor import (
    Workspace,
    find_definition,
    find_references,
    rename,
)
from archcompile.errors import UsageError
from archcompile.graph import semantic_hash
from tests.editor.editing import apply_to_files, by_file, position

LIBRARY = """archc: 1
blocks:
  unit:
    args: {filters: int, act: {one_of: [relu, tanh]}}
    label: unit /$filters $(filters * 2)
    body:
      - conv: {filters: $filters, kernel: 3, activation: "$(act)", name: first}
      - concat: {branches: {one: [conv: {filters: $filters, kernel: 1}], two: [bn: {from: first}]}}
      - shortcut: {from: first}
  both:
    inputs: [deep, skip]
    body:
      - conv: {filters: $skip_channels, kernel: 1, if: $(skip_channels != in_channels)}
      - add: {with: skip}
      - split: {parts: {left: 1, right: $(in_channels - 1)}}
      - concat: {with: left}
shortcuts:
  join:
    args: {filters: 4}
    body:
      - conv: {filters: $out_channels, kernel: 1}
      - conv: {filters: $(filters * 2), kernel: 1, name: side, if: $(filters > 99)}
      - add: {with: branch}
"""
PARENT = """archc: 1
uses: [lib.yaml]
vars:
  width: 4
  twice: $(width * 2)
input: [8, 8, 3]
defaults:
  unit: {act: tanh}
stem:
  - conv: {filters: $width, kernel: 3, name: entry}
  - bn
  - concat: {name: mixed, branches: {left: [bn], right: [], third: [relu]}}
stages:
  s1: {block: unit, filters: $width, first: {filters: $twice}}
  s2: [bn: {from: s1}]
  s4: {block: both, with: s1}
shortcut: {join: {filters: 8}}
head:
  - conv: {from: s4, filters: $width, kernel: 1, name: low}
  - add: {with: low, name: sum}
  - global_avg_pool: {keep_dims: true}
outputs: {low: head.low, end: head}
expect: {shapes: {s1: [8, 8, 16], end: [1, 1, 4]}}
"""
CHILD = """archc: 1
extends: parent.yaml
remove: [stages.s2, stages.s4, head, outputs, stem.mixed.branches.third]
vars: {width: 8}
stages:
  s3: {after: s1, steps: [bn: {from: s1}]}
  s1: {filters: 5}
stem: {entry: {kernel: 5}, mixed: {branches: {left: [tanh]}}}
head: [global_avg_pool, dense: {units: 3, activation: softmax}]
"""
EXPERIMENT = """archc: 1
specs: [child.yaml, parent.yaml]
recipes: [fast]
set: [width=8, stages.s1.filters=$width, stem.mixed.branches.left=null]
"""
FILES = {
    "lib.yaml": LIBRARY,
    "parent.yaml": PARENT,
    "child.yaml": CHILD,
    "compare.yaml": EXPERIMENT,
}
ALL = {"parent.yaml", "child.yaml", "compare.yaml"}
# where a cursor stands, how many places have the name, and the files in which they are
NAMES = {
    "variable": ("parent.yaml", "width: 4", 8, ALL),
    "variable of a child": ("child.yaml", "width: 8", 8, ALL),
    "block": ("parent.yaml", "unit, filters", 3, {"parent.yaml", "lib.yaml"}),
    "argument": ("lib.yaml", "filters: int", 8, {"parent.yaml", "lib.yaml", "child.yaml"}),
    "argument of a rule": ("lib.yaml", "filters: 4}", 4, {"parent.yaml", "lib.yaml"}),
    "argument by default": ("parent.yaml", "act: tanh", 3, {"parent.yaml", "lib.yaml"}),
    "rule": ("parent.yaml", "join: {filters", 2, {"parent.yaml", "lib.yaml"}),
    "stage": ("parent.yaml", "s1: {block", 8, ALL),
    "input of a block": ("lib.yaml", "skip]", 4, {"lib.yaml"}),
    "part of a split": ("lib.yaml", "left: 1", 2, {"lib.yaml"}),
    "stage of `with`": ("parent.yaml", "s1}\nshortcut", 8, ALL),
    "point of a block": ("lib.yaml", "first}", 3, {"lib.yaml"}),
    "point of the stem": ("parent.yaml", "entry", 2, {"parent.yaml", "child.yaml"}),
    "point of the head": ("parent.yaml", "low}\n  - add", 3, {"parent.yaml"}),
    "branch": ("parent.yaml", "left: [", 3, ALL),
    "branch of a child": ("child.yaml", "third", 2, {"parent.yaml", "child.yaml"}),
    "branch of a block": ("lib.yaml", "one: [", 1, {"lib.yaml"}),
    "output": ("parent.yaml", "end: head", 2, {"parent.yaml"}),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """All files on disk; the parent is open too."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    workspace = Workspace()
    workspace.open(tmp_path / "parent.yaml", PARENT)
    return workspace


def hashes(workspace: Workspace, folder: Path) -> list[str]:
    graphs = [workspace.analyse(folder / name).graph for name in ("parent.yaml", "child.yaml")]
    assert all(graphs), [workspace.analyse(folder / name).diagnostics for name in FILES]
    return [semantic_hash(graph) for graph in graphs if graph]


@pytest.mark.parametrize("name", NAMES)
def test_rename(name: str, workspace: Workspace, tmp_path: Path) -> None:
    file, text, count, files = NAMES[name]
    analysis = workspace.analyse(tmp_path / file)
    at = position(FILES[file], FILES[file].index(text))
    references = find_references(workspace, analysis, at)
    assert len(references) == count
    edits = rename(workspace, analysis, at, new_name="renamed")
    assert {path.name for path in by_file(edits)} == files
    assert [edit.place for edit in edits] == list(references)
    before = hashes(workspace, tmp_path)
    changed = apply_to_files(workspace, edits)
    if name == "output":  # labels that a spec gives are part of what it means
        assert changed.analyse(tmp_path / "parent.yaml").graph
    else:
        assert hashes(changed, tmp_path) == before
    definitions = find_definition(changed.analyse(tmp_path / file), at)
    assert len(definitions) == 1
    span = definitions[0].span
    line = changed.read(definitions[0].file).splitlines()[span.start.line - 1]
    assert line[span.start.column - 1 :].startswith("renamed")


REFUSED = {
    "what ships": ("uses: [@blocks/residual.yaml]", "nothing here has a name"),
    "a shipped block": ("uses: [blocks/residual.yaml]\nstages:\n  s1: {block: @basic}", "ships"),
    "no name": ("vars: {@a: 1}", "not a valid name"),
    "a name that is taken": ("vars: {@b: 1, taken: 2}", "already"),
    "a word of the language": ("vars: {@c: 1}", "another meaning"),
    "an op": ("stem: [@bn]", "nothing here"),
}
NEW_NAMES = {"no name": "No name", "a name that is taken": "taken", "a word of the language": "if"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_renamed_says_why(name: str, tmp_path: Path) -> None:
    typed, message = REFUSED[name]
    at = typed.index("@")
    workspace, file = Workspace(), tmp_path / "spec.yaml"
    workspace.open(file, typed.replace("@", ""))
    with pytest.raises(UsageError, match=message):
        rename(
            workspace,
            workspace.analyse(file),
            position(typed, at),
            new_name=NEW_NAMES.get(name, "fresh"),
        )


def test_an_experiment_that_sets_it_elsewhere_too(workspace: Workspace, tmp_path: Path) -> None:
    """Another spec of the experiment has a variable of the same name, and would keep it."""
    (tmp_path / "apart.yaml").write_text(PARENT)
    experiment = tmp_path / "compare.yaml"
    experiment.write_text(EXPERIMENT.replace("parent.yaml", "apart.yaml"))
    at = position(PARENT, PARENT.index("width: 4"))
    analysis = workspace.analyse(tmp_path / "parent.yaml")
    with pytest.raises(UsageError, match="networks that keep the name"):
        rename(workspace, analysis, at, new_name="renamed")


def test_definitions_of_files(root: Path) -> None:
    """A parent, a library and a recipe are files, those that ship too."""
    analysis = Workspace().analyse(root / "specs/resnet_v1.yaml")
    for text, file in {
        "blocks/residual": "blocks/residual.yaml",
        "article\n": "recipes/article.yaml",
    }.items():
        at = position(analysis.text, analysis.text.rindex(text))
        (place,) = find_definition(analysis, at)
        assert place.file == root / "specs" / file


@pytest.mark.parametrize("name", ["resnet_50_fpn", "resnet_v1_20"])
def test_shipped_families_stay_the_same(name: str, root: Path, tmp_path: Path) -> None:
    """A point and a variable that a parent defines, renamed from a child."""
    shutil.copytree(root / "specs", tmp_path / "specs")
    file = tmp_path / f"specs/{name}.yaml"
    workspace = Workspace()
    analysis = workspace.analyse(file)
    text = {"resnet_50_fpn": "m4", "resnet_v1_20": "depth"}[name]
    at = position(analysis.text, analysis.text.index(text, analysis.text.index("\n", 15)))
    edits = rename(workspace, analysis, at, new_name="renamed")
    changed = apply_to_files(workspace, edits)
    for path in by_file(edits):
        graph, renamed = workspace.analyse(path).graph, changed.analyse(path).graph
        assert graph and renamed and semantic_hash(graph) == semantic_hash(renamed), path
