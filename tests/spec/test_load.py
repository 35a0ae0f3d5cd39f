"""From files to a Spec: where names lead, chains of files, `remove`, `--set`. Outcomes that fit in
one file are in cases.
"""

import os

import pytest

from archcompile.api import LayerGraph
from archcompile.api import compile as compile_spec
from archcompile.errors import SpecError, UsageError
from archcompile.graph.text import semantic_hash
from archcompile.spec.language.files import find_spec
from archcompile.spec.loading.load_spec import from_text, load
from tests.spec.conftest import Tree

NET = (
    "archc: 1\ninput: [8, 8, 3]\nvars: {width: 4}\nstem: [conv: {filters: $width, kernel: 3, "
    "name: entry}]\n"
)


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
