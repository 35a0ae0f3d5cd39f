"""What an editor shows: a real yaml-language-server reads our schemas over stdio."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archcompile.authoring.child import new
from archcompile.cli.schema import schema_text
from archcompile.spec.loading.load_spec import load
from archcompile.spec.schema.known import Known
from tests.conftest import ROOT
from tests.tools.lsp import Server
from tests.tools.need import module, node

pytestmark = pytest.mark.tools

WRONG = """\
# yaml-language-server: $schema=./general.json
archc: 2                                                # !
abuot: x                                                # !
vars: {depth: 20, n: $((depth - 2) / 6), classes: 10}
input: [32, 32]                                         # !
defaults:
  conv: {bias: maybe, init: $x}                         # !
  conv2: {}                                             # !scope
stem:
  - conv: {filters: $n, kernel: 3, padding: [0, 1, 0, 1]}
  - conv: {filters: 0, kernel: 3}                       # !
  - conv: {filters: 3, kernal: 3}                       # !
  - bn: {epsilon: 0}                                    # !
  - add                                                 # a bare word: archc says what it lacks
  - add: {}                                             # !
  - cnov: {filters: 3}                                  # !scope
  - avg_pool: {padding: symetric, size: 2}              # !
  - relu
stages:
  s1: {block: basik, filters: 16}                       # !scope
  s2: {block: basic, repeat: $n, filter: 32}            # !scope
  s3: {block: basic, repeat: 0, filters: 64}            # !
  s4: {block: basic, filters: 64, first: {strides: 2}}  # !scope
  s5: {block: basic, filters: big}                      # !scope
shortcut: projektion                                    # !scope
head:
  - dense: {units: $classes, activation: softmx}        # !
expect: {dpth: 20}                                      # !
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = tmp_path_factory.mktemp("editor")
    (result / "general.json").write_text(schema_text("spec"))
    (result / "scope.json").write_text(schema_text("spec", Known.of(load("resnet_v1"))))
    (result / "recipe.json").write_text(schema_text("recipe"))
    return result


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    program = module("yaml-language-server/bin/yaml-language-server")
    running = Server([node(), str(program), "--stdio"], folder)
    yield running
    running.close()


def lines_of(mark: str, text: str) -> set[int]:
    return {number for number, line in enumerate(text.splitlines(), 1) if line.endswith(mark)}


@pytest.mark.parametrize(
    ("schema", "marks"), [("general", ["# !"]), ("scope", ["# !", "# !scope"])]
)
def test_mistakes_are_shown_at_their_line(
    server: Server, folder: Path, schema: str, marks: list[str]
) -> None:
    file = folder / f"wrong_{schema}.yaml"
    file.write_text(WRONG.replace("general.json", f"{schema}.json"))
    actual = server.open(file)
    assert {item["range"]["start"]["line"] + 1 for item in actual} == set().union(
        *(lines_of(mark, WRONG) for mark in marks)
    )


def test_messages_say_what_was_expected(server: Server, folder: Path) -> None:
    file = folder / "message.yaml"
    file.write_text(
        "# yaml-language-server: $schema=./general.json\narchc: 1\ninput: [8, big, 3]\n"
    )
    (actual,) = server.open(file)
    assert actual["message"] == "expected a whole number, or an expression: $name or $(…)"
    assert actual["range"]["start"] == {"line": 2, "character": 11}


RIGHT = """\
# yaml-language-server: $schema=./scope.json
archc: 1
input: [8, 8, 3]
stem:
  - conv: {filters: 3, kernel: 3}
stages:
  s1: {block: basic, filters: 16}
shortcut: projection
"""


def test_keys_are_offered(server: Server, folder: Path) -> None:
    file = folder / "right.yaml"
    file.write_text(RIGHT)
    assert server.open(file) == []
    assert {"head", "defaults", "expect"} <= set(server.complete(file, 2, 1))
    attributes = server.complete(file, 5, 12)
    assert {"stride", "padding", "groups", "name", "if"} <= set(
        attributes
    ) and "units" not in attributes
    assert {"conv", "bn", "global_avg_pool", "basic"} <= set(server.complete(file, 5, 5))
    assert {"stride", "repeat", "first"} <= set(server.complete(file, 7, 22)), (
        "arguments of the block, and a row's keys"
    )
    assert {"projection_bare", "identity", "none"} <= set(server.complete(file, 8, 11))


def test_hints_explain_a_key(server: Server, folder: Path) -> None:
    file = folder / "hints.yaml"
    file.write_text(RIGHT)
    server.open(file)
    hint = server.hover(file, 5, 12)
    assert hint.startswith("Number of output channels."), "no title above it"


def test_recipes(server: Server, folder: Path) -> None:
    file = folder / "recipe.yaml"
    file.write_text(
        "# yaml-language-server: $schema=./recipe.json\narchc: 1\nbatch_size: 0\nepochs: 3\n"
        "optimizer: {kind: adam, learning_rate: 1e-3}\naugment: {shfit: 0.1}\n"
    )
    assert {item["range"]["start"]["line"] + 1 for item in server.open(file)} == {3, 6}


def test_the_comment_that_new_writes(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a checkout, where the schema lies beside the specs."""
    shutil.copytree(ROOT / "specs" / "schema", folder / "specs" / "schema")
    monkeypatch.setattr("archcompile.authoring.child.shipped_folder", lambda: folder / "specs")
    file = folder / "child.yaml"
    new("child", "resnet_v1", ["depth=8"], file=file)
    assert server.open(file) == []
    file = folder / "broken.yaml"
    new("broken", "resnet_v1", ["depth=8"], file=file)
    file.write_text(file.read_text() + "stem: [conv: {kernal: 3}]\n")
    (actual,) = server.open(file)
    assert "kernal" in actual["message"]
