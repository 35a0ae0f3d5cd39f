"""The compiler against an interpreter that was written from docs/language.md alone: every name, attribute, wire and shape."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archcompile
from archcompile.api import compile_text
from tests.oracles.generator import interpret_spec, random_spec
from tests.oracles.generator.whole import shipped
from tests.oracles.language import Files, IllFormed, Net, interpret_files, parse

FOLDER = Path(__file__).parent / "language"
SHIPPED = sorted(name for name in shipped() if "/" not in name)
CHUNK = 500


def plain(value: Any) -> Any:
    """A value of either side, in one form."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    return tuple(plain(item) for item in value) if isinstance(value, list | tuple) else value


def of_interpreter(net: Net) -> dict[str, Any]:
    nodes = {
        node.name: (node.kind, plain(node.attributes), node.inputs, node.shape, node.weights) for node in net.nodes.values()
    }
    return {**nodes, "outputs of all": list(net.outputs.items()), "joins of all": net.joins}


def of_compiler(graph: Any) -> dict[str, Any]:
    nodes = {}
    for node in graph:
        attributes = plain(node.op.model_dump())
        if node.op.kind == "reshape":
            attributes = {"shape": attributes["to"]}
        weights = tuple((weight.name, tuple(weight.shape), weight.trainable) for weight in graph.weights(node))
        nodes[node.name] = (node.op.kind, attributes, tuple(node.inputs), tuple(node.shape), weights)
    return {**nodes, "outputs of all": list(graph.outputs.items()), "joins of all": list(graph.joins)}


def differences(mine: dict[str, Any], theirs: dict[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*mine, *theirs]):
        if mine.get(name) != theirs.get(name):
            yield f"{name}: the interpreter has {mine.get(name)}, archc has {theirs.get(name)}"


def compare(seed: int) -> str:
    """What is different for the spec of a seed; empty where nothing is."""
    spec = random_spec(seed)
    try:
        graph = compile_text(json.dumps(spec), file="random.yaml")
    except archcompile.errors.SpecError as error:
        return f"seed {seed}: refused: {error}"
    for difference in differences(of_interpreter(interpret_spec(spec)), of_compiler(graph)):
        return f"seed {seed}: {difference}"
    return ""


def compare_many(seeds: range) -> None:
    wrong = [line for line in map(compare, seeds) if line]
    assert not wrong, f"{len(wrong)} of {len(seeds)}:\n" + "\n".join(wrong[:10])


@pytest.mark.parametrize("chunk", range(4))
def test_random_specs_mean_the_same(chunk: int) -> None:
    compare_many(range(chunk * CHUNK, (chunk + 1) * CHUNK))


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(4, 40))
def test_many_random_specs_mean_the_same(chunk: int) -> None:
    compare_many(range(chunk * CHUNK, (chunk + 1) * CHUNK))


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_means_the_same(name: str) -> None:
    net = interpret_files(Files({}, shipped()), f"shipped/{name}")
    graph = archcompile.compile(name.removesuffix(".yaml"))
    assert not list(differences(of_interpreter(net), of_compiler(graph)))


def test_the_interpreter_imports_nothing_of_the_compiler() -> None:
    for file in [*FOLDER.glob("*.py"), *FOLDER.with_name("generator").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("archcompile")], file


def test_a_difference_is_seen() -> None:
    """The comparison itself can fail: in an attribute, a wire, a weight, an output and a join."""
    net = interpret_files(Files({}, shipped()), "shipped/resnet_v1_20.yaml")
    graph = of_compiler(archcompile.compile("resnet_v1_20"))
    mine = of_interpreter(net)
    assert not list(differences(mine, graph))
    for name in ("stem_conv1", "s2_b1_shortcut_add1", "outputs of all", "joins of all"):
        assert list(differences({**mine, name: ()}, graph))


@pytest.mark.parametrize(
    "text",
    [
        "archc: 1\ninput: [8, 8, 3]\nstem: [relu, add: {with: nowhere}]",
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: $(1 / 2), kernel: 1}]",
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: $n, kernel: 1}]",
        "archc: 1\ninput: [8, 8, 3]\nstem: [relu: {name: x}, tanh, relu: {from: x}]",
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 4, kernel: 9, padding: valid}]",
        "archc: 1\ninput: [8, 8, 3]\nvars: {n: $index}\nstem: [relu]",
    ],
)
def test_both_refuse(text: str) -> None:
    with pytest.raises(archcompile.errors.SpecError):
        compile_text(text)
    with pytest.raises(IllFormed):
        interpret_spec(parse(text))
