"""`archc schema`: fresh, without noise, true to what archc accepts."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archcompile.cli.schema import KINDS, schema_text
from archcompile.experiments.definition import Experiment
from archcompile.ops import REGISTRY
from archcompile.recipe.model import Recipe
from archcompile.shipped import Kind
from archcompile.spec.language.file_forms import Library, SpecFile
from archcompile.spec.loading.load_spec import load
from archcompile.spec.schema.known import Known
from archcompile.spec.yaml import strict_yaml
from archcompile.spec.yaml.tree import plain
from tests.command_line import Archc
from tests.conftest import ROOT

SPECS = ROOT / "specs"
FILES = {
    "spec": sorted(SPECS.glob("*.yaml")),
    "library": sorted(SPECS.glob("blocks/*.yaml")),
    "recipe": sorted(SPECS.glob("recipes/*.yaml")),
    "experiment": sorted(SPECS.glob("experiments/*.yaml")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_copy_is_fresh(kind: Kind) -> None:
    assert (SPECS / "schema" / f"{kind}.schema.json").read_text() == schema_text(kind), (
        "run `make schema`"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_printed(archc: Archc, kind: Kind) -> None:
    assert archc("schema", "--kind", kind).out == schema_text(kind)


def test_for_a_spec(archc: Archc) -> None:
    actual = json.loads(archc("schema", "--for", "resnet_v1").out)
    assert {"depth", "n", "classes"} == actual["properties"]["vars"]["properties"].keys()
    assert actual["$defs"]["row_basic"]["properties"].keys() >= {"filters", "stride", "repeat"}
    assert "projection_bare" in actual["$defs"]["choice"]["anyOf"][0]["enum"]
    library = json.loads(archc("schema", "--for", "resnet_v1", "--kind", "library").out)
    assert "row_basic" in library["$defs"] and "stages" not in library["properties"]
    for kind in ("recipe", "experiment"):
        assert archc("schema", "--for", "resnet_v1", "--kind", kind).code == 2
    assert archc("schema", "--kind", "picture").code == 2


@pytest.mark.parametrize(
    ("kind", "model"),
    [("spec", SpecFile), ("library", Library), ("recipe", Recipe), ("experiment", Experiment)],
)
def test_the_keys_are_those_of_the_model(kind: Kind, model: Any) -> None:
    assert json.loads(schema_text(kind))["properties"].keys() == model.model_fields.keys()


def properties(schema: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(name, form, the whole it may refer into) of every key that is described anywhere in a
    schema.
    """
    todo = [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            assert not isinstance(node.get("title"), str), node["title"]
            for name, form in node.get("properties", {}).items():
                yield name, resolve(form, schema)
            todo += [
                item
                for key, item in node.items()
                if key not in ("examples", "default", "enum", "const")
            ]


def resolve(form: dict[str, Any], schema: Any) -> dict[str, Any]:
    target = schema["$defs"][form["$ref"].removeprefix("#/$defs/")] if "$ref" in form else {}
    return {**target, **form}


WITHOUT_EXAMPLE = {
    *REGISTRY,
    "variance_scaling",
    "normal",
    "constant",
    "orthogonal",
    "branches",
    "body",
    "block",
}
# of `init`
WITHOUT_WORDS = {
    "variance_scaling",
    "normal",
    "constant",
    "scale",
    "mode",
    "distribution",
    "std",
    "value",
    "truncated_normal",
    "uniform",
    "orthogonal",
    "limit",
    "gain",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_words_and_an_example(kind: Kind) -> None:
    schema = json.loads(schema_text(kind))
    for name, form in properties(schema):
        if name in ("if", "then") or (name in WITHOUT_WORDS and "description" not in form):
            continue
        assert form.get("description"), name
        assert form.get("examples") or name in WITHOUT_EXAMPLE or "then" in form, name


# ---- against a validator -------------------------------------------------------------------------


@cache
def validator(schema: str) -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(json.loads(schema))


text_of = cache(schema_text)


def mistakes(schema: str, text: str) -> list[str]:
    return [
        error.json_path
        for error in validator(schema).iter_errors(plain(strict_yaml.parse(text, "x.yaml")))
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_schema(kind: Kind) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(kind)))


@pytest.mark.parametrize(
    ("kind", "file"),
    [(kind, file) for kind in KINDS for file in FILES[kind]],
    ids=lambda x: Path(x).stem,
)
def test_what_ships_fits(kind: Kind, file: Path) -> None:
    text = file.read_text()
    assert mistakes(text_of(kind), text) == []
    if kind == "spec" and "extends" not in text:
        assert mistakes(schema_text("spec", Known.of(load(file))), text) == []


PLANTED = {  # by where the validator points
    "$": ["archc: 1\nsteam: []", "archc: 1\ninput: [8, 8, 3]\nuse: []", "archc: 1", "{}"],
    "$.archc": ["archc: 2\ninput: [8, 8, 3]"],
    "$.input": ["archc: 1\ninput: [8, 8]"],
    "$.input[0]": [
        "archc: 1\ninput: [0, 8, 3]",
        "archc: 1\ninput: [eight, 8, 3]",
        "archc: 1\ninput: [8.5, 8, 3]",
    ],
    "$.stem[0]": [
        f"archc: 1\ninput: [8, 8, 3]\nstem: [{step}]"
        for step in (
            "{conv: {kernal: 3}}",
            "{conv: {kernel: 0}}",
            "{conv: {kernel: big}}",
            "{conv: {bias: 3}}",
            "{conv: {padding: some}}",
            "{conv: {init: he}}",
            "{conv: {init: {normal: {sd: 1}}}}",
            "{bn: {epsilon: 0}}",
            "{bn: , relu: }",
            "{add: {}}",
            "{add: {with: a, branches: {}}}",
            "{relu: {slope: 1}}",
            "Conv",
            "3",
            "{conv: {name: Big}}",
            "{conv: {if: 3}}",
            "{max_pool: {size: 2, padding: symmetric}}",
            "{dropout: {rate: 1}}",
            "{conv: {allow: [bias-before-norm]}}",
            "{concat: {branches: {a: [{conv: {kernal: 3}}]}}}",
        )
    ],
    "$.defaults.conv": ["archc: 1\ninput: [8, 8, 3]\ndefaults: {conv: {biass: true}}"],
    "$.expect": ["archc: 1\ninput: [8, 8, 3]\nexpect: {dpth: 1}"],
    "$.stages.s1": [
        "archc: 1\nextends: p\nstages: {s1: {steps: [relu]}}",
        "archc: 1\nextends: p\nstages: {s1: {after: a, steps: [], block: b}}",
    ],
    "$.stages.s1.repeat": ["archc: 1\ninput: [8, 8, 3]\nstages: {s1: {block: b, repeat: 0}}"],
    "$.blocks.unit": [
        "archc: 1\ninput: [8, 8, 3]\nblocks: {unit: {args: {}}}",
        "archc: 1\ninput: [8, 8, 3]\nblocks: {unit: {bdy: [], body: []}}",
    ],
}


@pytest.mark.parametrize(
    ("where", "text"), [(where, text) for where, texts in PLANTED.items() for text in texts]
)
def test_planted_mistakes_are_refused(where: str, text: str) -> None:
    assert where in mistakes(text_of("spec"), text)


def test_experiments() -> None:
    right = "archc: 1\nspecs: [plain_20]\nrecipes: [article]\n"
    assert mistakes(text_of("experiment"), right + "seeds: [0, 1]\nset: [n=1]") == []
    for wrong in ("seeds: [-1]", "seeds: [a]", "seeds: 3", "seed: [1]", "set: {n: 1}"):
        assert mistakes(text_of("experiment"), right + wrong), wrong
    assert mistakes(text_of("experiment"), "archc: 1\nspecs: []\nrecipes: [article]") == ["$.specs"]


@pytest.mark.parametrize(
    "line",
    [
        "stages: {s1: {block: basik}}",
        "stages: {s1: {block: basic, filter: 3}}",
        "stages: {s1: {block: basic, first: {strid: 2}}}",
        "shortcut: projektion",
        "stem: [{cnov: {}}]",
        "vars: {depth: deep}",
        "defaults: {basik: {}}",
    ],
)
def test_mistakes_that_only_the_scope_shows(line: str) -> None:
    text = f"archc: 1\ninput: [8, 8, 3]\n{line}"
    assert mistakes(text_of("spec"), text) == []
    assert mistakes(schema_text("spec", Known.of(load("resnet_v1"))), text) != []


@pytest.mark.parametrize(
    "line",
    [
        "extends: resnet_v1\nstages: {s1: {repeat: 3}}",
        "extends: resnet_v1\nstages: {s1: {after: stem}, x: {after: s1, steps: [bn]}}",
        "extends: resnet_v1\nstages: {s4: {after: s1, block: basic, filters: 3}}",
        "input: [$a, $(2 * a), 3]",
        "input: [8, 8, 3]\nstem: [conv, {conv: }]",
        (
            "input: [8, 8, 3]\nstem: [{conv: {filters: $a, kernel: [1, $b], stride: $(a), padding: "
            "[0, 1, $c, 1], bias: $d}}]"
        ),
        (
            "input: [8, 8, 3]\nstem: [{conv: {init: {normal: {std: $x}}, activation: null}}, "
            "{my_block: {anything: [1]}}]"
        ),
        "input: [8.0, 8, 3]\nshortcut: {scaled: {factor: $x}}",
        "input: [8, 8, 3]\nexpect: {depth: $depth, shapes: {s1: [1, 2, 3]}}",
    ],
)
def test_what_archc_would_read_is_not_refused(line: str) -> None:
    assert mistakes(text_of("spec"), f"archc: 1\n{line}") == []
