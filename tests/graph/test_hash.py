"""The hash of a graph: equal architectures have equal ones, and different ones do not."""

from archcompile.api import compile_text
from archcompile.graph.text import canonical
from tests.conftest import shipped_graph
from tests.graph.nets import NET, SMALL

SAME = {  # another way to write the same architecture
    "another name": NET + "name: other\nabout: other\n",
    "comments and layout": "# comment\n" + NET.replace("{width: 4}", "\n  width:   4  # wide"),
    "a recipe": NET + "train: article\n",
    "an expression": NET.replace("width: 4", "width: $(8 / 2)"),
    "a renamed step": NET.replace("entry", "first"),
    "renamed branches": NET.replace("left", "a").replace("right", "b"),
    "a stage in place of the stem": NET.replace("stem:", "stages:\n s1:").replace(
        "  - conv: {filters: $", "  - conv: {filters: $"
    ),
    "defaults": NET.replace(
        "stem:", "defaults: {conv: {bias: true, l2: 0.0}, bn: {epsilon: 1e-3}}\nstem:"
    ),
    "kernel as a pair": NET.replace("kernel: 3", "kernel: [3, 3]"),
    "a block": NET.replace(
        "stem:\n  - conv: {filters: $width, kernel: 3, name: entry}\n  - bn\n  - relu\n",
        "blocks: {entry: {args: {filters: int}, body: [conv: {filters: $filters, kernel: 3}, bn, "
        "relu]}}\n"
        "stem: [entry: {filters: $width}]\n",
    ),
    "symmetric padding that is the same": NET.replace(
        "kernel: 3, name", "kernel: 3, padding: symmetric, name"
    ),
    "a stride that is the size": NET.replace("size: 3, stride: 1", "size: 3, stride: [1, 1]"),
    "a step left out": NET.replace("  - bn\n", "  - bn\n  - dropout: {rate: 0.5, if: false}\n"),
    "a claim": NET + "expect: {depth: 3}\n",
}
DIFFERENT = {
    "filters": NET.replace("width: 4", "width: 5"),
    "epsilon": NET.replace("- bn", "- bn: {epsilon: 1.001e-3}"),
    "momentum": NET.replace("- bn", "- bn: {momentum: 0.9}"),
    "no scale": NET.replace("- bn", "- bn: {scale: false}"),
    "init": NET.replace("kernel: 3, name", "kernel: 3, init: he_normal, name"),
    "init settings": NET.replace("kernel: 3, name", "kernel: 3, init: {normal: {std: 0.01}}, name"),
    "bias init": NET.replace("kernel: 3, name", "kernel: 3, bias_init: 1, name"),
    "l2": NET.replace("kernel: 3, name", "kernel: 3, l2: 1e-4, name"),
    "no bias": NET.replace("kernel: 3, name", "kernel: 3, bias: false, name"),
    "padding": NET.replace("kernel: 3, name", "kernel: 3, padding: 1, name"),
    "activation": NET.replace("- relu", "- relu6"),
    "activation of a layer": NET.replace(", activation: softmax", ""),
    "order of operands": NET.replace(
        (
            "left: [conv: {filters: 2, kernel: 1}], right: [max_pool: {size: 3, stride: 1, "
            "padding: same}]"
        ),
        (
            "right: [max_pool: {size: 3, stride: 1, padding: same}], left: [conv: {filters: 2, "
            "kernel: 1}]"
        ),
    ),
    "wiring": NET.replace("{once: [], again: []}", "{once: [], again: [relu]}"),
    "input": NET.replace("[8, 8, 3]", "[8, 9, 3]"),
    "one layer more": NET.replace("- relu\n", "- relu\n  - relu\n"),
    "another output": NET + "outputs: {a: stem, b: head}\n",
    "labels the other way round": NET + "outputs: {a: head, b: stem}\n",
    "another label": NET + "outputs: {a: stem, c: head}\n",
    "the end with a label": NET + "outputs: {output: head}\n",
    "the end with another label": NET + "outputs: {end: head}\n",
    "the end under two labels": NET + "outputs: {end: head, output: head}\n",
}


def test_equal_architectures_have_equal_hashes() -> None:
    hashes = {name: compile_text(text).hash for name, text in {"": NET, **SAME}.items()}
    assert {name: h for name, h in hashes.items() if h != hashes[""]} == {}
    assert len(hashes[""]) == 64


def test_the_order_of_labels_is_no_difference() -> None:
    """Nor in how nodes are counted: each label is the first of the walk once."""
    first, second = (
        compile_text(NET + f"outputs: {{{labels}}}\n")
        for labels in ("a: stem, b: head, c: stem", "c: stem, b: head, a: stem")
    )
    assert first.hash == second.hash and canonical(first).endswith("\noutputs a=3 b=9 c=3")


def test_different_architectures_have_different_hashes() -> None:
    assert all(text != NET for text in (*SAME.values(), *DIFFERENT.values()))
    hashes = {name: compile_text(text).hash for name, text in {"": NET, **DIFFERENT}.items()}
    assert len(set(hashes.values())) == len(hashes)


def test_shared_and_copied_layers_are_different_architectures() -> None:
    two = "archc: 1\ninput: [8, 8, 3]\nstem:\n  - add: {branches: {a: [%s], b: [%s]}}\n"
    copied = compile_text(two % ("conv: {filters: 3, kernel: 1}", "conv: {filters: 3, kernel: 1}"))
    once = compile_text(
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 3, kernel: 1}, add: {branches: {a: [], "
        "b: []}}]\n"
    )
    assert copied.hash != once.hash


def test_the_hash_knows_no_names() -> None:
    assert not {"entry", "stem", "head", "left"} & set(
        canonical(compile_text(NET)).replace("_", " ").split()
    )


def test_shipped_specs_are_different_architectures_unless_they_say_so() -> None:
    """A family at its default depth is one of its members; else no two specs are the same net under
    two names.
    """
    by_hash: dict[str, list[str]] = {}
    for name in SMALL:
        by_hash.setdefault(shipped_graph(name).hash, []).append(name)
    for names in by_hash.values():
        shortest = min(names, key=len)
        assert all(name.startswith(shortest) for name in names), names
