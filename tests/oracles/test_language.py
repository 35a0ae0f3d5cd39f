"""The compiler against an interpreter that was written from docs/language.md alone: every name, attribute, wire and shape."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archcompile
from archcompile.api import compile_text
from tests.oracles.generator import interpret_spec, random_spec, shipped, split
from tests.oracles.generator.library import BLOCKS, RULES
from tests.oracles.generator.mutants import mutant
from tests.oracles.language import Files, IllFormed, Net, interpret_files, parse
from tests.oracles.language.ops import OPS

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


def compare_split(seed: int, folder: Path) -> str:
    """The spec of a seed in several files and settings: both sides must have it mean what the whole means."""
    spec = random_spec(seed)
    texts, sets = split(spec, seed)
    whole = of_interpreter(interpret_spec(spec))
    mine = of_interpreter(interpret_files(Files(texts, shipped()), "spec.yaml", sets))
    for difference in differences(whole, mine):
        return f"seed {seed}: the interpreter has another net for the files: {difference}"
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    try:
        graph = archcompile.compile(folder / "spec.yaml", sets=sets)
    except archcompile.errors.SpecError as error:
        return f"seed {seed}: refused: {error}"
    for difference in differences(whole, of_compiler(graph)):
        return f"seed {seed}: {difference}"
    return ""


def compare_splits(seeds: range, folder: Path) -> None:
    wrong = [line for seed in seeds if (line := compare_split(seed, folder / str(seed)))]
    assert not wrong, f"{len(wrong)} of {len(seeds)}:\n" + "\n".join(wrong[:10])


def test_a_spec_in_several_files_means_the_same(tmp_path: Path) -> None:
    compare_splits(range(200), tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(1, 10))
def test_many_specs_in_several_files_mean_the_same(chunk: int, tmp_path: Path) -> None:
    compare_splits(range(chunk * 200, (chunk + 1) * 200), tmp_path)


def compare_mutant(seed: int) -> str:
    """A spec with one small change: archc may refuse more (what nothing reaches, say), but builds nothing else."""
    spec = mutant(random_spec(seed % 1000), seed)
    spec.pop("expect", None)
    try:
        theirs = of_compiler(compile_text(json.dumps(spec), file="mutant.yaml"))
    except archcompile.errors.SpecError:
        return ""
    try:
        mine = of_interpreter(interpret_spec(spec))
    except (IllFormed, KeyError, TypeError, ValueError, AttributeError) as error:
        return f"seed {seed}: archc accepts what the interpreter does not: {error}"
    return next((f"seed {seed}: {difference}" for difference in differences(mine, theirs)), "")


def compare_mutants(seeds: range) -> None:
    wrong = [line for line in map(compare_mutant, seeds) if line]
    assert not wrong, f"{len(wrong)} of {len(seeds)}:\n" + "\n".join(wrong[:10])


def test_specs_with_a_change_are_refused_or_mean_the_same() -> None:
    compare_mutants(range(400))


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(1, 11))
def test_many_specs_with_a_change_are_refused_or_mean_the_same(chunk: int) -> None:
    compare_mutants(range(chunk * 400, (chunk + 1) * 400))


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


# ---- what the generator reaches -------------------------------------------------------------------------------------

KEYS = ["archc", "name", "about", "extends", "uses", "remove", "vars", "input", "defaults", "blocks", "shortcuts", "shortcut", "stem", "stages", "head", "outputs", "expect", "train", "allow", "args", "body", "block", "repeat", "first", "last", "after", "steps", "name", "from", "with", "branches", "if", "rule", "int", "float", "bool", "str", "one_of", "params", "trainable", "non_trainable", "joins", "output", "shapes", "activation", "block_input", "branch", "none"]
FACTS = ["in_height", "in_width", "in_channels", "index", "repeat", "unit_index", "unit_count", "turn", "turns", "out_channels", "stride", "shape_changes"]
SIGNS = ["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "not", "if", "else", "min", "max", "floor", "ceil", "make_divisible", "true", "false"]
EXPRESSION = re.compile(r"[A-Za-z_]\w*|[-+*/%<>=!]+")


def words(value: Any, keys: Counter[str], names: Counter[str]) -> None:
    """Counts the keys and texts of a value, and the names and signs of its expressions."""
    if isinstance(value, dict):
        for key, item in value.items():
            keys[key] += 1
            words(item, keys, names)
    elif isinstance(value, list):
        for item in value:
            words(item, keys, names)
    elif isinstance(value, str):
        keys[value] += 1
        names.update(EXPRESSION.findall(value) if value.startswith("$") else [])


def test_the_generator_reaches_all_that_the_page_has() -> None:
    keys: Counter[str] = Counter()
    names: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for seed in range(500):
        spec = random_spec(seed)
        net = interpret_spec(spec)
        kinds.update(node.kind for node in net.nodes.values())
        used.update(net.used)
        words(spec, keys, names)
        if seed < 100:
            for text in split(spec, seed)[0].values():
                words(parse(text), keys, names)
    blocks = [name for library in BLOCKS.values() for name in library]
    for wanted, counts in (
        (set(OPS) - {"activation"}, kinds),
        ({*RULES, *blocks}, used),
        (set(KEYS), keys),
        ({*FACTS, *SIGNS}, names),
    ):
        assert not [name for name in sorted(wanted) if not counts[name]]


def test_the_generator_knows_all_that_ships() -> None:
    """A library, block or rule that is new is to be drawn, too."""
    libraries = {name: parse(text) for name, text in shipped().items() if name.startswith("blocks/")}
    blocks = {block for library in libraries.values() for block in library.get("blocks") or {}}
    rules = {rule for library in libraries.values() for rule in library.get("shortcuts") or {}}
    assert blocks == {name for library in BLOCKS.values() for name in library}
    assert rules == set(RULES)


def test_a_seed_gives_one_spec() -> None:
    assert json.dumps(random_spec(7)) == json.dumps(random_spec(7))
    assert split(random_spec(7), 7) == split(random_spec(7), 7)
