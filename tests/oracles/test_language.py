"""The compiler against an interpreter that was written from the pages about the language alone:
every name, attribute, wire and shape.
"""

import ast
import json
from pathlib import Path

import pytest

import archcompile
from archcompile.api import compile_text
from tests.conftest import every_shipped, shipped_graph
from tests.oracles.generator import interpret_spec, random_spec, shipped_texts, split
from tests.oracles.generator.mutants import mutant
from tests.oracles.language import Files, IllFormed, interpret_files
from tests.oracles.nets import differences, of_compiler, of_interpreter

FOLDER = Path(__file__).parent / "language"
CHUNK = 250


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


def test_random_specs_mean_the_same() -> None:
    compare_many(range(CHUNK // 2))


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(80))
def test_many_random_specs_mean_the_same(chunk: int) -> None:
    compare_many(range(chunk * CHUNK, (chunk + 1) * CHUNK))


def compare_split(seed: int, folder: Path) -> str:
    """The spec of a seed in several files and settings: both sides must have it mean what the whole
    means.
    """
    spec = random_spec(seed)
    texts, sets = split(spec, seed)
    whole = of_interpreter(interpret_spec(spec))
    interpreted = of_interpreter(interpret_files(Files(texts, shipped_texts()), "spec.yaml", sets))
    for difference in differences(whole, interpreted):
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
    compare_splits(range(25), tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(20))
def test_many_specs_in_several_files_mean_the_same(chunk: int, tmp_path: Path) -> None:
    compare_splits(range(chunk * 100, (chunk + 1) * 100), tmp_path)


def compare_mutant(seed: int) -> str:
    """A spec with one small change: archc may refuse more (what nothing reaches, say), but builds
    nothing else.
    """
    spec = mutant(random_spec(seed % 1000), seed)
    spec.pop("expect", None)
    try:
        compiled = of_compiler(compile_text(json.dumps(spec), file="mutant.yaml"))
    except archcompile.errors.SpecError:
        return ""
    try:
        interpreted = of_interpreter(interpret_spec(spec))
    except (IllFormed, KeyError, TypeError, ValueError, AttributeError) as error:
        return f"seed {seed}: archc accepts what the interpreter does not: {error}"
    return next(
        (f"seed {seed}: {difference}" for difference in differences(interpreted, compiled)), ""
    )


def compare_mutants(seeds: range) -> None:
    wrong = [line for line in map(compare_mutant, seeds) if line]
    assert not wrong, f"{len(wrong)} of {len(seeds)}:\n" + "\n".join(wrong[:10])


def test_specs_with_a_change_are_refused_or_mean_the_same() -> None:
    compare_mutants(range(50))


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(22))
def test_many_specs_with_a_change_are_refused_or_mean_the_same(chunk: int) -> None:
    compare_mutants(range(chunk * 200, (chunk + 1) * 200))


@pytest.mark.parametrize("name", every_shipped())
def test_what_ships_means_the_same(name: str) -> None:
    net = interpret_files(Files({}, shipped_texts()), f"shipped/{name}.yaml")
    assert not list(differences(of_interpreter(net), of_compiler(shipped_graph(name))))


def test_the_interpreter_imports_nothing_of_the_compiler() -> None:
    for file in [*FOLDER.glob("*.py"), *FOLDER.with_name("generator").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("archcompile")], file


def test_a_difference_is_seen() -> None:
    """The comparison itself can fail: in an attribute, a wire, a weight, an output and a join."""
    net = interpret_files(Files({}, shipped_texts()), "shipped/resnet_v1_20.yaml")
    graph = of_compiler(archcompile.compile("resnet_v1_20"))
    interpreted = of_interpreter(net)
    assert not list(differences(interpreted, graph))
    for name in ("stem_conv1", "s2_b1_shortcut_add1", "outputs of all", "joins of all"):
        assert list(differences({**interpreted, name: ()}, graph))
