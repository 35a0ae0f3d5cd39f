"""From files to a Spec: where names lead, chains of files, `remove`, `--set`. Outcomes that fit in
one file are in cases.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from archcompile.api import LayerGraph
from archcompile.api import compile as compile_spec
from archcompile.errors import SpecError, UsageError
from archcompile.graph.text import semantic_hash
from archcompile.spec.language.files import find_spec
from archcompile.spec.loading.load_spec import from_text, load

NET = (
    "archc: 1\ninput: [8, 8, 3]\nvars: {width: 4}\nstem: [conv: {filters: $width, kernel: 3, "
    "name: entry}]\n"
)
Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Write files into a folder of its own, which becomes the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/")
            path = path.with_name(f"{path.name}.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if text.startswith("archc") else f"archc: 1\n{text}")
        return tmp_path

    return write


def error(spec: str, *sets: str) -> tuple[str, str, str]:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec, sets=sets)
    result = caught.value.diagnostics[0]
    return result.code, str(result.location), f"{result.message} {result.hint or ''}"


def filters(graph: LayerGraph) -> list[int]:
    return [node.op.filters for node in graph if node.op.kind == "conv"]  # type: ignore[attr-defined]


def test_a_bare_name_ships_and_a_path_is_a_file(tree: Tree) -> None:
    tree(resnet_v1_20=NET, net=NET)
    assert (
        compile_spec("resnet_v1_20").name == "resnet_v1_20"
        and len(compile_spec("resnet_v1_20")) == 72
    )
    assert len(compile_spec("./resnet_v1_20.yaml")) == len(compile_spec("resnet_v1_20.yaml")) == 2
    with pytest.raises(UsageError) as caught:
        compile_spec("net")
    assert "net.yaml" in (caught.value.hint or "")
    for missing in (
        "nope",
        "nope.yaml",
        "sub/nope",
        "./net",
        "a" * 5000 + ".yaml",
        "a" * 5000,
        "x\0.yaml",
    ):
        with pytest.raises(UsageError):
            compile_spec(missing)


def test_paths_in_a_file_are_relative_to_it_and_else_ship(tree: Tree) -> None:
    folder = tree(
        sub__child=(
            "extends: ../base.yaml\nuses: [libs/own.yaml, blocks/residual.yaml]\nhead: [twice]\n"
        ),
        sub__libs__own="blocks: {twice: [relu, relu]}\nuses: [more.yaml]\n",
        sub__libs__more="blocks: {thrice: [relu]}\n",
        base=NET,
        specs__a=NET,
        specs__deep__b="extends: ../a.yaml\n",
        bare="extends: resnet_v1_20\n",
    )
    assert error("sub/child.yaml")[0] == "unknown-file", "its own folder is sub"
    (folder / "sub/base.yaml").write_text(NET)
    (folder / "sub/child.yaml").write_text(
        (folder / "sub/child.yaml").read_text().replace("../base", "base")
    )
    assert [n.name for n in compile_spec("sub/child.yaml")][2:] == [
        "head_twice1_relu1",
        "head_twice1_relu2",
    ]
    assert len(compile_spec("specs/deep/b.yaml")) == 2, "a folder called specs is a tree of its own"
    assert len(compile_spec("bare.yaml")) == 72


@pytest.mark.parametrize(
    "name", ["../out.yaml", "sub/../../out.yaml", "link.yaml", "linked/out.yaml"]
)
def test_files_outside_are_not_read(tree: Tree, name: str) -> None:
    folder = tree(
        out="blocks: {x: [relu]}\n", inner__net=NET + f"uses: [{name}]\n", inner__sub__x=NET
    )
    os.symlink(folder / "out.yaml", folder / "inner/link.yaml")
    os.symlink(folder, folder / "inner/linked")
    assert error("inner/net.yaml") == (
        "unknown-file",
        "inner/net.yaml:5:8",
        (
            f"'{name}' leads outside the spec's own folder a spec reads only files below its own "
            "folder, or shipped ones"
        ),
    )


@pytest.mark.parametrize(
    "name",
    [
        "/etc/hostname.yaml",
        "..\\out.yaml",
        "out",
        "a/b",
        "out.yml",
        "'x\\0.yaml'",
        "'.yaml'",
        "a" * 300 + ".yaml",
        "a" * 300,
    ],
)
def test_names_that_are_no_files(tree: Tree, name: str) -> None:
    tree(net=NET + f"uses: [{name}]\n")
    assert error("net.yaml")[:2] == ("unknown-file", "net.yaml:5:8")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("extends: nope.yaml", "`archc list` shows what ships"),
        ("extends: gogglenet.yaml", "did you mean `googlenet.yaml`?"),
        ("extends: gogglenet", "did you mean `googlenet`?"),
        ("extends: resnet_v1_21.yaml", "`archc list` shows what ships"),
        ("uses: [blocks/zzz.yaml]", "shipped are: blocks/"),
        ("uses: [blocks/residuals.yaml]", "did you mean `blocks/residual.yaml`?"),
    ],
)
def test_a_common_suffix_makes_no_two_files_alike(tree: Tree, line: str, hint: str) -> None:
    tree(net=f"archc: 1\n{line}\n")
    assert hint in error("net.yaml")[2]


def test_a_file_of_the_command_line_that_is_not_there(tree: Tree) -> None:
    tree(one=NET, resnet=NET)
    for name, hint in (
        ("nope.yaml", "the folder holds: "),
        ("resnt.yaml", "did you mean `resnet.yaml`?"),
    ):
        with pytest.raises(UsageError) as caught:
            find_spec(name)
        assert str(caught.value.hint).startswith(hint)


def test_chains_merge_from_the_root(tree: Tree) -> None:
    tree(
        a=NET
        + (
            "defaults: {conv: {bias: false}}\nhead: [flatten]\nname: grandparent\nabout: "
            "old\nexpect: {depth: 9}\n"
        ),
        b=(
            "extends: a.yaml\nvars: {width: 6}\ndefaults: {conv: {l2: 0.5}, bn: {momentum: "
            "0.5}}\nabout: middle\n"
        ),
        c="extends: b.yaml\nvars: {width: 7}\nremove: [head, defaults.bn]\n",
    )
    graph = compile_spec("c.yaml")
    assert (graph.name, graph.about, filters(graph), list(graph.parts)) == ("c", "", [7], ["stem"])
    op = graph.nodes["stem_entry"].op
    assert (op.l2, op.bias) == (0.5, False)  # type: ignore[attr-defined]
    assert error("a.yaml")[0] == "expect-depth", "a claim speaks of the file it stands in"
    assert compile_spec("b.yaml").about == "middle"


def test_new_keys_come_last_and_choices_are_replaced_whole(tree: Tree) -> None:
    tree(
        parent=NET
        + "uses: [blocks/residual.yaml]\nstages:\n  b: [relu]\n  a: [conv: {filters: 2, kernel: "
        "1}]\n"
        "defaults: {conv: {init: {normal: {std: 0.5}}}}\n",
        child=(
            "extends: parent.yaml\nstages: {c: [relu], b: [tanh]}\ndefaults: {conv: {init: "
            "{constant: {value: 1}}}}\n"
        ),
    )
    graph = compile_spec("child.yaml")
    assert list(graph.parts) == ["stem", "b", "a", "c"]
    assert graph.nodes["b_tanh1"].op.kind == "tanh"
    assert graph.nodes["a_conv1"].op.init.constant.value == 1  # type: ignore[attr-defined]


def test_cycles_and_long_chains(tree: Tree) -> None:
    chain = {f"n{i}": f"extends: n{i + 1}.yaml\n" for i in range(40)}
    libraries = {f"l{i}": f"uses: [l{i + 1}.yaml]\n" for i in range(40)}
    tree(
        a="extends: b.yaml\n",
        b="extends: a.yaml\n",
        **chain,
        n40=NET,
        **libraries,
        l40="blocks: {x: [relu]}\n",
        user=NET + "uses: [l0.yaml]\n",
        x="uses: [y.yaml]\nblocks: {p: [relu]}\n",
        y="uses: [x.yaml]\nblocks: {q: [tanh]}\n",
        both=NET + "uses: [x.yaml]\nhead: [p, q]\n",
    )
    assert error("a.yaml")[:2] == ("cycle", "b.yaml:2:10")
    assert error("n0.yaml")[0] == "too-large"
    assert error("user.yaml")[0] == "too-large"
    assert len(compile_spec("n30.yaml")) == 2
    assert len(compile_spec("both.yaml")) == 4, "libraries may use each other: each is read once"


def test_mistakes_in_other_files_are_shown_there(tree: Tree) -> None:
    tree(
        lib="blocks:\n  unit:\n    - rleu\n",
        net=NET + "uses: [lib.yaml]\n",
        parent=NET.replace("filters", "filtres"),
        child="extends: parent.yaml\n",
        notlib="extends: parent.yaml\n",
        usesnet=NET + "uses: [parent.yaml]\n",
        oddlib="blocks:\n  unit: [relu]\nstem: [relu]\n",
        usesodd=NET + "uses: [oddlib.yaml]\n",
    )
    assert error("net.yaml")[:2] == ("unknown-step", "lib.yaml:4:7")
    assert error("child.yaml")[:2] == ("unknown-attribute", "parent.yaml:4:15")
    assert error("usesnet.yaml")[:2] == ("unknown-file", "usesnet.yaml:5:8"), "a spec is no library"
    assert error("usesodd.yaml")[0] == "unknown-key", "a library has only blocks and shortcuts"


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


def test_names(tree: Tree) -> None:
    folder = tree(net=NET, named=NET + "name: Other-1.0\n")
    for stem, name in (
        ("a b", "a_b"),
        ("_x", "spec_x"),
        ("é", "spec_"),
        (".", "spec."),
        ("-", "spec-"),
        ("ok+1", "ok+1"),
    ):
        (folder / f"{stem}.yaml").write_text(NET)
        assert load(f"./{stem}.yaml").name == name
    assert load("named.yaml").name == "Other-1.0"
    long = compile_spec(
        "net.yaml", sets=[f"stem.entry.kernel={k}" for k in (1, 3, 5, 7, 9, 11, 13, 15, 17)]
    )
    assert len(long.name) <= 100
    (folder / "again.yaml").write_text(long.spec_text)
    assert semantic_hash(compile_spec("again.yaml")) == semantic_hash(long)
    for bad in ("''", "a/b", "..", "-x", "x" * 101, "3", '"a\\nb"'):
        (folder / "bad.yaml").write_text(NET + f"name: {bad}\n")
        assert error("bad.yaml")[:2] == (
            "wrong-type" if bad == "3" else "reserved-name",
            "bad.yaml:5:7",
        ), bad


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    assert load("-").name == "stdin"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"archc: \xff")))
    with pytest.raises(SpecError, match="UTF-8"):
        load("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError):
        load("-")


def test_text_reaches_what_ships(tree: Tree) -> None:
    tree()
    spec = from_text("archc: 1\nextends: resnet_v1_20\n", "mine.yaml")
    assert (spec.name, len(spec.parts)) == ("mine", 5)
