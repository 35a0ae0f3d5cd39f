"""`--set` on the command line and keywords in Python."""

from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from archcompile.errors import SpecError, UsageError
from tests.spec.conftest import Tree
from tests.spec.test_load import NET, error, filters

SETS = {  # settings -> filters of the convs, or (code, words)
    ("width=6",): [6],
    ("width=6", "width=7"): [7],
    ("vars.width=6",): [6],
    ("stem.entry.filters=9",): [9],
    ("width=$(2 * 4)",): [8],
    ("width=6.0",): [6],
    ("head=[conv: {filters: 2, kernel: 1}]",): [4, 2],
    ("defaults.conv.bias=false",): [4],
    ("input=[4, 4, 1]",): [4],
    ("width=0o10",): [8],
    ("width= 5 # five",): [5],
    ("stem=[conv: {filters: $width, kernel: 1}]", "width=3"): [3],
    ("widht=6",): ("set-nothing", "did you mean `width`?"),
    ("vars.widht=6",): ("set-nothing", "did you mean `width`?"),
    ("stem.conv1.filters=9",): ("set-nothing", "named there: entry"),
    ("stem.entry=9",): ("set-nothing", "name one of its attributes"),
    ("stem.entry.filtres=9",): ("unknown-attribute", "did you mean `filters`?"),
    ("name=x",): ("set-nothing", "'name'"),
    ("expect.depth=1",): ("set-nothing", "'expect'"),
    ("uses=[x.yaml]",): ("set-nothing", "'uses'"),
    ("width.x=3",): ("set-nothing", "'width'"),
    ("input.x=3",): ("set-nothing", "no step is named 'x'"),
    ("stages.s1.filters=3",): ("set-nothing", "there is no stage 's1'"),
    ("width=[1",): ("yaml", "not YAML"),
    ("width={a: 1}",): ("wrong-type", "cannot be a map"),
    ("width=$(1 +",): ("unquoted-comma", "balance"),
    ("width=$(wdith)",): ("unknown-name", ""),
    ("width=yes",): ("wrong-type", "'filters'"),
    ("width=",): ("wrong-type", "nothing"),
    ("width=2.5",): ("wrong-type", "got 2.5"),
    ("defaults.cnov.bias=false",): ("unknown-step", "did you mean `conv`?"),
    ("stages..x=1",): ("reserved-name", ""),
    ("width=&a 1",): ("yaml", "anchor"),
    ("width=1\n---\n2",): ("yaml", "document"),
}


@pytest.mark.parametrize("sets", SETS, ids=[",".join(s) for s in SETS])
def test_set(tree: Tree, sets: tuple[str, ...]) -> None:
    tree(net=NET)
    expected = SETS[sets]
    if isinstance(expected, list):
        assert filters(compile_spec("net.yaml", sets=sets)) == expected
        return
    code, place, message = error("net.yaml", *sets)
    assert code == expected[0] and expected[1] in message
    assert place.startswith((f"--set {sets[-1].split('=')[0]}:", "net.yaml:"))


@pytest.mark.parametrize("text", ["width", "=3", "", "train.batch_size=3", "data.fit=pad"])
def test_what_is_no_setting_of_a_spec(tree: Tree, text: str) -> None:
    tree(net=NET)
    with pytest.raises(UsageError):
        compile_spec("net.yaml", sets=[text])


def test_the_command_line_is_shown_as_the_source(tree: Tree) -> None:
    tree(net=NET)
    with pytest.raises(SpecError) as caught:
        compile_spec("net.yaml", sets=["vars.widht=3"])
    at = caught.value.diagnostics[0].location
    assert (at.column, at.width, at.text) == (1, len("vars.widht"), "vars.widht=3")
    with pytest.raises(SpecError) as caught:
        compile_spec("net.yaml", sets=["width=*a"])
    at = caught.value.diagnostics[0].location
    assert (at.column, at.text) == (7, "width=*a")


def test_python_keywords_set_variables(tree: Tree) -> None:
    tree(net=NET)
    assert filters(compile_spec("net.yaml", width=11)) == [11]
    assert compile_spec(Path("net.yaml"), width=11).name == "net-width_11"
    with pytest.raises(SpecError):
        compile_spec("net.yaml", widht=3)


def test_claims_under_set(tree: Tree) -> None:
    """Only claims with an expression are held; the others are told."""
    tree(
        net=NET + "expect: {params: $(28 * width), depth: 1, output: [8, 8, 4]}\n",
        off=NET + "expect: {params: $(28 * width - 1)}\n",
    )
    graph = compile_spec("net.yaml", width=5)
    assert [(n.code, n.severity) for n in graph.notes] == [("expect-shape", "note")]
    assert compile_spec("net.yaml").notes == ()
    with pytest.raises(SpecError):
        compile_spec("off.yaml", width=5)
