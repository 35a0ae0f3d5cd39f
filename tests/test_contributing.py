"""What a new op, data source, command or warning needs, as CONTRIBUTING.md says it: each of these
tests fails with a sentence that names the file to open.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from archcompile.api import compile_text
from archcompile.cli.app import app
from archcompile.data.dataset_checks import check
from archcompile.data.sources import PLACED, SEARCHED, SOURCES, STREAMED, load, resolve
from archcompile.errors import DataError, UsageError
from archcompile.explain import entries
from archcompile.ops import REGISTRY, attribute_words
from archcompile.recipe import Data
from archcompile.spec.language.allow import REMARKS, WARNINGS
from archcompile.spec.yaml.write import dump
from tests.conftest import ROOT
from tests.data import arrays, batches, labelled, trees
from tests.data.test_cifar import cifar100_files
from tests.ops.rows import ROWS
from tests.ops.test_ops import make
from tests.oracles.language.net import Net, Node
from tests.oracles.language.ops import OPS as SECOND_READING
from tests.oracles.language.ops import attributes as second_attributes
from tests.test_architecture import RANK

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()


def file(name: str) -> str:
    """The name of a file to open. It must exist, and CONTRIBUTING.md must name it too."""
    assert (ROOT / name).exists(), f"tests/test_contributing.py speaks of {name}, which has moved"
    assert f"`{name}`" in GUIDE, f"CONTRIBUTING.md does not speak of `{name}`"
    return f"`{name}`"


# ---- the rooms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/design.md"])
def test_the_rooms_are_in_their_order(page: str) -> None:
    """The first cells of the rows that name rooms, in the order of LAYERS."""
    text = (ROOT / page).read_text()
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    rooms = [name for cell in cells for name in re.findall(r"`(\w+)(?:/|\.py)`", cell)]
    ranks = [RANK[name] for name in rooms if name in RANK]
    assert ranks == sorted(ranks), f"{page} has another order than tests/test_architecture.py"
    missing = RANK.keys() - {*rooms, "__main__"}
    assert not missing, f"{page} does not say what is in {missing}"


def test_every_file_it_names_exists() -> None:
    """Names with `…` or of the examples (`strip`, `census`) are to be written by the reader."""
    names = set(re.findall(r"`((?:archcompile|tests|docs|specs)/[\w./]+)`", GUIDE))
    examples = {name for name in names if "strip" in name or "census" in name}
    missing = [name for name in sorted(names - examples) if not (ROOT / name).exists()]
    assert not missing, f"CONTRIBUTING.md speaks of {missing}"


# ---- an op ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", REGISTRY)
def test_an_op_has_words_for_its_attributes(kind: str) -> None:
    op = REGISTRY[kind]
    words_file = f"`{op.__module__.replace(chr(46), chr(47))}.py`"
    for name, field in op.model_fields.items():
        attribute = field.alias or name
        try:
            words, _ = attribute_words(op, attribute)
        except (KeyError, TypeError):
            words = ""
        assert words, (
            f"`{attribute}` of `{kind}` has no words: describe it at the attribute, in {words_file}"
        )


@pytest.mark.parametrize("kind", REGISTRY)
def test_an_op_has_rows(kind: str) -> None:
    rows_file = file("tests/ops/rows.py")
    good, bad = ROWS.get(kind, ([], []))
    assert good, f"`{kind}` has no row of what is right: write a Good in {rows_file}"
    assert bad, f"`{kind}` has no row of what is wrong: write a Bad in {rows_file}"


@pytest.mark.parametrize("kind", REGISTRY)
def test_an_op_is_in_the_second_reading_of_the_language(kind: str) -> None:
    reading = file("tests/oracles/language/ops.py")
    assert kind in SECOND_READING, (
        f"`{kind}` is unknown to the interpreter that checks the compiler: write it in {reading}"
    )


@pytest.mark.parametrize("kind", ROWS)
def test_the_second_reading_gives_an_op_its_shape(kind: str) -> None:
    shapes = file("tests/oracles/language/shapes.py")
    for row in ROWS[kind][0]:
        inputs = {f"in{place}": shape for place, shape in enumerate(row.inputs)}
        net = Net(
            nodes={
                name: Node(
                    name=name, kind="input", attributes={}, inputs=(), shape=shape, weights=()
                )
                for name, shape in inputs.items()
            }
        )
        net.put("op", kind, second_attributes(kind, row.attributes), inputs=tuple(inputs))
        assert net.shape("op") == row.output, (
            f"the interpreter has another shape for `{kind}` than tests/ops/rows.py: see {shapes}"
        )


@pytest.mark.parametrize("kind", ROWS)
def test_an_op_has_an_onnx_form(kind: str) -> None:
    from archcompile.exporting.onnx_layers import LAYERS

    layers_file = file("archcompile/exporting/onnx_layers.py")
    for row in ROWS[kind][0]:
        for piece in make(kind, row.attributes).pieces(*row.inputs):
            path = piece.call.path
            assert path in LAYERS, (
                f"`{kind}` calls `{path}`, which has no ONNX form: write one in {layers_file}"
            )


def network(kind: str) -> Any:
    """A spec with the first of an op's rows as its last step."""
    row = ROWS[kind][0][0]
    branches = {} if REGISTRY[kind].arity == (1, 1) else {"a": ["tanh"], "b": []}
    step = {kind: {**row.attributes, **({"branches": branches} if branches else {})}}
    shape = row.inputs[0]
    before = {1: ["flatten"], 2: ["tokens"], 3: []}
    steps = [*before[len(shape)], step]
    return {"archc": 1, "input": [1] * (3 - len(shape)) + list(shape), "head": steps}


@pytest.mark.keras
@pytest.mark.parametrize("kind", ROWS)
def test_an_op_comes_back_through_import(kind: str) -> None:
    from archcompile.importer.inexpressible import Inexpressible
    from archcompile.importer.translation import translate
    from tests.importer.test_translate import ops, read

    first = file("archcompile/importer/layers.py")
    several = file("archcompile/importer/composites.py")
    graph = compile_text(dump(network(kind)))
    before = [op.settings() for op in ops(graph)]
    try:
        after = [op.settings() for op in ops(translate(read(graph.to_keras()), "m", False)[0])]
    except Inexpressible as error:
        after = [{"not": str(error)}]
    assert after == before, (
        f"`{kind}` does not come back through `archc import`: "
        f"an op of one Keras layer needs a row in `_MAKERS` of {first}, "
        f"an op of several layers a function in `_FINDERS` of {several}"
    )


# ---- a data source -------------------------------------------------------------------------------


def cifar10(folder: Path) -> Path:
    return batches.written(folder, batches.small_files())


def cifar100(folder: Path) -> Path:
    return arrays.write(folder / "cifar-100-python", cifar100_files())


def idx(folder: Path) -> Path:
    return arrays.write(folder, arrays.idx_files())


def images(folder: Path) -> Path:
    return trees.write_mixed(folder, size=(8, 8))


def multi_label(folder: Path) -> Path:
    return labelled.write_labelled(folder / "set")


def npz(folder: Path) -> Path:
    np.savez(folder / "x.npz", **arrays.npz_arrays())  # type: ignore[arg-type]
    return folder / "x.npz"


# source -> writes a small example of it and returns where it lies; None where it lies nowhere
EXAMPLES: dict[str, Callable[[Path], Path] | None] = {
    "cifar10": cifar10,
    "cifar100": cifar100,
    "digits": None,
    "fashion_mnist": idx,
    "folder": images,
    "idx": idx,
    "mnist": idx,
    "multi_label": multi_label,
    "npz": npz,
}
NOT_CHECKED = ("synthetic",)  # made for a network
KNOWN_BY_CONTENT = ("fashion_mnist", "mnist")  # as paths, they are `idx` unless they are official


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_loaded_and_checked(source: str, tmp_path: Path) -> None:
    if source in NOT_CHECKED:
        return
    assert source in EXAMPLES, (
        f"the source `{source}` has no example: write one in EXAMPLES of "
        f"{file('tests/test_contributing.py')}"
    )
    sources_file, example = file("archcompile/data/sources.py"), EXAMPLES[source]
    assert (example is not None) == (source in PLACED), (
        f"PLACED in {sources_file} names the sources that lie somewhere on disk: "
        f"`{source}` stands there, or has an example, but not both"
    )
    place = example(tmp_path) if example else None
    if place and source not in KNOWN_BY_CONTENT:
        try:
            name, _ = resolve(str(place))
        except DataError:
            name = ""
        assert name == source, (
            f"`--data PATH` does not know a path of `{source}`: see `_kinds` in {sources_file}"
        )
    dataset = load(source, data_dir=place)
    assert dataset.name == source, (
        f"the dataset of `{source}` must be called so in environment.json"
    )
    images, labels = next(dataset.train.batches(4))
    assert (images.dtype, images.shape[1:]) == (np.uint8, dataset.shape)
    assert labels.dtype == np.int64
    assert check(source, data_dir=place).fingerprint == dataset.fingerprint, (
        f"`archc data check {source}` prints another fingerprint than a run records: see "
        f"{file('archcompile/data/dataset_checks.py')}"
    )


@pytest.mark.parametrize("source", EXAMPLES)
def test_a_source_that_can_be_streamed_gives_the_same_images(source: str, tmp_path: Path) -> None:
    example = EXAMPLES[source]
    place = example(tmp_path) if example else None
    if source not in STREAMED:
        with pytest.raises(UsageError, match=f"data.stream: {source} cannot be streamed"):
            load(source, data_dir=place, wants=Data(stream=True))
        return
    streamed_set = load(source, data_dir=place, wants=Data(stream=True))
    held_set = load(source, data_dir=place, wants=Data(stream=False))
    fingerprint = streamed_set.fingerprint
    assert fingerprint == held_set.fingerprint or fingerprint.startswith("listing:")
    streamed, held = streamed_set.train, held_set.train
    assert not streamed.is_in_memory and held.is_in_memory
    for (images, labels), (same, alike) in zip(streamed.batches(5), held.batches(5), strict=True):
        assert np.array_equal(images, same) and np.array_equal(labels, alike)


def test_the_sources_that_are_searched_for_lie_somewhere() -> None:
    assert set(SEARCHED) <= set(PLACED) <= set(SOURCES)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_in_the_table_of_its_page(source: str) -> None:
    page = file("docs/data.md")
    rows = [line.split("|")[1] for line in (ROOT / "docs/data.md").open() if line.startswith("| `")]
    assert any(f"`{source}`" in cell for cell in rows), (
        f"the source `{source}` has no row in the table of {page}"
    )


# ---- a command -----------------------------------------------------------------------------------


def commands(group: Any, *names: str) -> Iterator[tuple[str, Any]]:
    """Every command by its words, `data check`, and what typer made of it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
        else:
            yield " ".join((*names, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help(name: str) -> None:
    text = (COMMANDS[name].help or "").strip()
    assert text.endswith("."), f"`archc {name}` has no help: write the docstring of its function"
    for parameter in COMMANDS[name].params:
        assert getattr(parameter, "help", None), (
            f"`archc {name}` says nothing about `{parameter.name}`: give it `help=`"
        )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_on_a_page(name: str) -> None:
    readme = file("README.md")
    assert any(f"archc {name}" in page.read_text() for page in PAGES), (
        f"no page shows `archc {name}`: write an example in {readme} or a page of docs/"
    )


# ---- a warning -----------------------------------------------------------------------------------


def codes_of_findings() -> Iterator[tuple[str, str]]:
    """Every code that is written in a call of `finding`, and the file: recipes have codes apart."""
    places = (ROOT / "archcompile" / room for room in ("spec", "analyses"))
    for path in (path for place in places for path in sorted(place.rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("finding", "warn"):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield first.value, path.name


def test_a_warning_can_be_allowed() -> None:
    allow = file("archcompile/spec/language/allow.py")
    actual = list(codes_of_findings())
    assert ("bias-before-bn", "layer_checks.py") in actual, "the walk finds codes"
    for code, where in actual:
        assert code in (*WARNINGS, *REMARKS), (
            f"{where} tells `{code}`, which no spec can allow: name it in WARNINGS of {allow}"
        )


@pytest.mark.parametrize("code", [*WARNINGS, *REMARKS])
def test_a_warning_is_explained(code: str) -> None:
    texts = file("archcompile/explain/4_warnings.md")
    assert code in entries(), f"`archc explain {code}` has no text: write one in {texts}"
    entry = entries()[code]
    assert entry.wrong and entry.right, f"`{code}` needs a wrong and a right example in {texts}"


@pytest.mark.parametrize("code", WARNINGS)
def test_a_warning_has_a_case(code: str) -> None:
    folder = file("tests/cases")
    texts = (path.read_text() for path in (ROOT / "tests/cases").glob("*.yaml"))
    assert any(f"# expect: warning {code} " in text for text in texts), (
        f"no case shows when `{code}` is told: write one in {folder}"
    )
