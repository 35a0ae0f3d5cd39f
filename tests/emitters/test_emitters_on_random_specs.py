"""Every emitter against the graph, on random specs: those rich in ops, and those rich in
structure.
"""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.cli import app
from archcompile.errors import SpecError
from archcompile.source.helpers import Helper
from archcompile.source.read_back import SourceDiffers, check
from tests.conftest import shipped_graph
from tests.emitters import emitters
from tests.emitters.emitters import EMITTERS, check_emitters
from tests.spec.random_graphs import graph_rich_in_ops, graph_rich_in_structure

EVERY_RUN, THOROUGH, CHUNK = 20, 2000, 20  # of each of the two generators
REFUSED = 0.1  # at most this part of the wild specs clash in their names
STARTS = [
    pytest.param(start, marks=[pytest.mark.thorough] if start >= EVERY_RUN else [])
    for start in range(0, THOROUGH, CHUNK)
]


@pytest.mark.parametrize("start", STARTS)
def test_rich_in_ops(start: int) -> None:
    for seed in range(start, start + CHUNK):
        check_emitters(graph_rich_in_ops(seed))


@pytest.mark.parametrize("start", STARTS)
def test_rich_in_structure(start: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(start, start + CHUNK):
        try:
            graph = graph_rich_in_structure(seed)
        except SpecError:
            counts["refused"] += 1
            continue
        check_emitters(graph)
    assert counts["refused"] <= REFUSED * CHUNK


HEAD = "archc: 1\nuses: [blocks/residual.yaml]\ninput: [8, 8, 4]\ndefaults: {conv: {kernel: 1}}\n"
INNER = """blocks:
  inner: [conv: {filters: $in_channels}, bn]
  outer: [conv: {filters: $in_channels}, inner, relu, inner, bn]
"""
U = "blocks:\n  u: [conv: {filters: $in_channels}, relu]\n"
TWO_JOINS = """shortcut: identity
blocks:
  twice:
    - conv: {filters: $in_channels}
    - shortcut
    - relu: {name: m}
    - conv: {filters: $in_channels}
    - shortcut: {from: m}
    - bn
"""
LEFT_OUT = """blocks:
  u:
    args: {on: true}
    body:
      - add:
          branches:
            a: [conv: {filters: 4}, dropout: {rate: 0.1, if: $(not on)}]
            b: [bn: {if: $(not on), repeat: 2}, conv: {filters: 4}]
            c: [conv: {filters: 4, if: $on}]
"""
NASTY = {
    "a block with a shortcut as a step": HEAD
    + "shortcut: identity\nstages: {s1: [basic: {filters: 4}]}\n",
    "the same several times": HEAD
    + "shortcut: identity\nstages: {s1: [basic: {filters: 4, repeat: 3}, basic: {filters: 4}]}\n",
    "the same in a stage, beside others": HEAD
    + """shortcut: identity
stem: [basic: {filters: 4}]
stages: {s1: {block: basic, filters: 4}, s2: {block: basic, filters: 4, repeat: 2}}
head: [basic: {filters: 4}, basic: {filters: 4}]
""",
    "blocks in the middle of a block": HEAD + INNER + "stages: {s1: [outer, outer]}\n",
    "blocks in the middle of a unit": HEAD
    + INNER
    + "stages: {s1: {block: outer, repeat: 3}, s2: {block: outer, repeat: 2}}\n",
    "two joins": HEAD
    + TWO_JOINS
    + "stages: {s1: [twice, twice: {repeat: 2}], s2: {block: twice, repeat: 3}}\n",
    "blocks in branches": HEAD
    + """shortcut: identity
blocks: {w: [basic: {filters: 4}, relu]}
stages: {s1: [add: {branches: {a: [w], b: [basic: {filters: 4}], c: []}}]}
""",
    "outputs half way": HEAD
    + """shortcut: identity
stages:
  s1: [basic: {filters: 4, name: p}, basic: {filters: 4, name: q}]
  s2: {block: basic, repeat: 3, filters: 4}
outputs: {fine: s1.p, coarse: s1.q, last: s2}
""",
    "a unit without layers": HEAD
    + "blocks: {u: [conv: {filters: 4, if: $(index != 2)}]}\nstages: {s1: {block: u, repeat: 4}}\n",
    "a layer called like a use": HEAD
    + U
    + "stages: {s1: [conv: {filters: 4, name: u1}, u, u, add: {with: u1}]}\n",
    "a stage called like a unit": HEAD + "blocks: {u: [conv: {filters: 4}], v: [bn]}\n"
    "stages: {s1: {block: u, repeat: 2}, s1_b1: {block: v}, s2: {block: v, repeat: 2}}\n",
    "layers left out in two branches at once": HEAD
    + LEFT_OUT
    + "stages: {s1: {block: u, repeat: 3, first: {on: false}}}\n",
    "a block with if, in stem and stage": HEAD
    + """blocks:
  u: {args: {on: true}, body: [bn: {if: $on}, conv: {filters: 4}, shortcut: {if: $on}, relu]}
shortcut: identity
stem: [u: {on: false}, u]
stages: {s1: {block: u, repeat: 3, last: {on: false}}}
""",
}


def compile_case(name: str) -> LayerGraph:
    return compile_text(NASTY[name])


@pytest.mark.parametrize("name", NASTY)
def test_what_was_wrong_or_might_be(name: str) -> None:
    check_emitters(compile_case(name))


def test_a_block_with_a_shortcut_is_one_function() -> None:
    text = compile_case("the same several times").to_source("article")
    assert (
        text.count("\ndef basic(") == 1
        and text.count(" = basic(") == 4
        and "Add" in text.split("def spec")[0]
    )


# ---- the product holds its source to the graph itself --------------------------------------------

TAMPERED = {
    "a layer less": ('y = layers.BatchNormalization(name=f"{name}_bn1")(y)', "y = y"),
    "another setting": ("strides=strides", "strides=1"),
    "another name": ("_conv2", "_conv3"),
    "another order of arguments": ("([x, y])", "([y, x])"),
    "another end": ("return keras.Model(inputs, x", "return keras.Model(inputs, inputs"),
    "no model": ("\nmodel = ", "\nmodel = lambda: "),
    "another model": ('name="resnet_v1_20")\n', 'name="other")\n'),
    "a name that is not there": ("return layers.", "return nothing."),
    "an import": ("import keras\n", "import keras\nimport os\n"),
    "a way to everything": (
        "import keras\n",
        "import keras\n().__class__.__base__.__subclasses__()\n",
    ),
    "the same from keras": ("import keras\n", "import keras\nkeras.__class__.__base__\n"),
    "a lambda": ("import keras\n", "import keras\nf = lambda: 1\n"),
    "what Python hangs on everything": (
        "import keras\n",
        "import keras\nfrom keras import __class__ as kind\n",
    ),
    "what the stand-in holds": (
        "import keras\n",
        "import keras\nfrom keras import _record as layers\n",
    ),
    "its attributes": ("import keras\n", "import keras\nkeras.more = 1\n"),
    "the builtins": ("import keras\n", "import keras\nb = __builtins__\n"),
    "another thing called keras": (
        "import keras\n",
        'import keras\nsys = "{0.__class__}"\nx = sys.format(1)\n',
    ),
    "something that opens files": ("import keras\n", 'import keras\nopen("here", "w")\n'),
}


@pytest.mark.parametrize("words", TAMPERED)
def test_source_that_makes_something_else_is_not_given_out(
    words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    graph = shipped_graph("resnet_v1_20")
    text = graph.to_source("article")
    before, after = TAMPERED[words]
    assert before in text
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceDiffers):
        check(text.replace(before, after), graph)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    ["export resnet_v1_20 --format source -o net.py", "build resnet_v1_20 --emit source,graph"],
)
def test_nothing_is_written_then(
    words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is our own fault."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["archc", *words.split()])
    monkeypatch.setattr(Helper, "call", lambda self, settings, name, inputs: "x")
    with pytest.raises(SystemExit) as left:
        app.main()
    assert left.value.code == app.INTERNAL
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_every_emitter_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a graph that lacks its last node, each row says so."""
    graph = compile_case("blocks in branches")
    assert len(EMITTERS) == 6

    def without_last(original: LayerGraph) -> LayerGraph:
        nodes = dict(list(original.nodes.items())[:-1])
        return replace(
            original, nodes=nodes, outputs={"output": list(nodes)[-1]}, parts={}, joins=()
        )

    for hold in EMITTERS.values():
        with monkeypatch.context() as patched, pytest.raises(AssertionError):
            for emitter in ("to_source", "to_json", "lay_out", "dot"):
                real = getattr(emitters, emitter)
                patched.setattr(
                    emitters,
                    emitter,
                    lambda original, *rest, real=real, **named: real(
                        without_last(original), *rest, **named
                    ),
                )
            hold(graph)
