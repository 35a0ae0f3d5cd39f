"""What is offered at a place is taken there by the compiler, as far as names go."""

from collections import Counter
from pathlib import Path

import pytest

from archcompile.editor import Completion, complete
from archcompile.editor.slots import Slot
from archcompile.editor.usefulness import USUAL_ATTRIBUTES, USUAL_STEPS
from archcompile.editor.words import Path as WordPath
from archcompile.editor.words import Word
from archcompile.errors import Diagnostic
from archcompile.ops import REGISTRY
from archcompile.shipped import shipped_files
from tests.editor.editing import analyse, apply, with_cursor

SPEC = """archc: 1
uses: [blocks/residual.yaml]
vars: {depth: 20, width: 16}
input: [32, 32, 3]
defaults: {conv: {bias: false}}
stem:
  - conv: {filters: 16, kernel: 3, name: entry}
  - bn
  - relu
blocks:
  join:
    inputs: [deep, skip]
    body:
      - relu: {name: active}
      - conv: {filters: $skip_channels, kernel: 1}
      - add: {with: [skip]}
      - shortcut
stages:
  s1: {block: basic, filters: 16}
  j1: {block: join, with: stem}
  s2: {block: basic, filters: 32, first: {stride: 2}}
shortcut: projection
head:
  - global_avg_pool
  - dense: {units: 10, activation: softmax}
"""
# codes of a name that is not known where it stands, or of a value that is none of the words
NAMES = {
    *("unknown-key", "unknown-step", "unknown-attribute", "unknown-argument", "unknown-name"),
    *("unknown-point", "unknown-rule", "unknown-file", "unknown-recipe", "unknown-code"),
    *("unknown-function", "reserved-name", "after-nothing", "remove-nothing"),
}
# what is typed instead of a piece of the spec, some words that must be offered, and the value that
# a key is given for the compiler to read on
PLACES = {
    "key of the file": ("shortcut: projection\n", "shortcut: projection\n@\n", {"expect", "train"}),
    "step": ("  - bn\n", "  - @\n", {"bn", "conv", "basic"}),
    "step that is begun": ("  - bn\n", "  - co@\n", {"conv", "concat"}),
    "step in brackets": ("stem:\n", "stem: [@]\nhaed:\n", {"conv", "relu"}),
    "attribute": ("kernel: 3,", "kernel: 3, @,", {"stride", "from", "repeat"}),
    "choice": ("activation: softmax", "activation: @", {"softmax", "relu"}),
    "truth value": ("bias: false", "bias: @", {"true", "false"}),
    "block": ("block: basic, filters: 16", "block: @", {"basic", "wide_basic"}),
    "key of a row": ("filters: 16}", "filters: 16, @}", {"stride", "repeat", "shortcut"}),
    "key of an edge": ("{stride: 2}", "{@}", {"stride", "shortcut", "filters"}),
    "rule": ("shortcut: projection\n", "shortcut: @\n", {"identity", "projection", "none"}),
    "point": ("  - bn\n", "  - bn: {from: @}\n", {"input", "entry"}),
    "part": ("  - global_avg_pool\n", "  - global_avg_pool: {from: @}\n", {"s1", "s2", "stem"}),
    "variable": ("units: 10", "units: $@", {"depth", "width", "in_channels"}),
    "name in an expression": ("units: 10", "units: $(10 + @)", {"depth", "max"}),
    "recipe": ("shortcut: projection\n", "shortcut: projection\ntrain: @\n", {"article"}),
    "library": ("[blocks/residual.yaml]", "[blocks/residual.yaml, @]", {"blocks/mobile.yaml"}),
    "parent": ("shortcut: projection\n", "shortcut: projection\nextends: @\n", {"resnet_v1_20"}),
    "code": ("shortcut: projection\n", "shortcut: projection\nallow: [@]\n", {"no-softmax"}),
    "kind of defaults": ("conv: {bias: false}", "conv: {bias: false}, @", {"bn", "basic"}),
    "key of defaults": ("{bias: false}", "{bias: false, @}", {"init", "l2"}),
    "argument of a default": ("conv: {bias: false}", "basic: {@}", {"stride"}),
    "claim": ("shortcut: projection\n", "shortcut: projection\nexpect: {@}\n", {"depth", "macs"}),
    "output": ("shortcut: projection\n", "shortcut: projection\noutputs: {x: @}\n", {"s1", "head"}),
    "input of a block": ("with: stem", "with: @", {"stem", "s1", "input", "previous"}),
    "point in a block": ("[skip]", "[@]", {"deep", "skip", "active", "input"}),
    "fact of an input": ("$skip_channels", "$@", {"skip_height", "skip_channels", "in_channels"}),
    "step of parts": ("  - bn\n", "  - sp@\n", {"split"}),
    "argument of a rule": ("shortcut: projection\n", "shortcut: {projection: {@}}\n", {"padding"}),
}  # fmt: skip


def offers(name: str, tmp_path: Path) -> tuple[str, tuple[Completion, ...]]:
    old, typed, _ = PLACES[name]
    assert SPEC.count(old) >= 1
    text, at = with_cursor(SPEC.replace(old, typed, 1))
    return text, complete(analyse(text, tmp_path / "spec.yaml", earlier=SPEC), at)


@pytest.mark.parametrize("name", PLACES)
def test_offers_are_there(name: str, tmp_path: Path) -> None:
    _, completions = offers(name, tmp_path)
    labels = [completion.label for completion in completions]
    assert PLACES[name][2] <= set(labels)
    assert len(labels) == len(set(labels)), "each once"


def refuses(diagnostic: Diagnostic, word: str) -> bool:
    """Whether a mistake says that this word is not known where it stands."""
    if diagnostic.code == "unknown-point":
        return diagnostic.message.endswith(f"named '{word}'")
    return diagnostic.code in NAMES and f"'{word}'" in diagnostic.message


@pytest.mark.parametrize("name", [name for name in PLACES if name != "step in brackets"])
def test_offers_are_taken(name: str, tmp_path: Path) -> None:
    """In the text with the offer, no mistake is about it."""
    text, completions = offers(name, tmp_path)
    for completion in completions:
        from archcompile.editor.answers import Place, TextEdit

        edit = TextEdit(Place(tmp_path, completion.span), completion.insert)
        changed = apply(text, [edit])
        analysis = analyse(changed, tmp_path / "spec.yaml")
        wrong = [each for each in analysis.diagnostics if refuses(each, completion.label)]
        assert wrong == [], (completion, changed)
        assert "yaml" not in {each.code for each in analysis.diagnostics}, changed


def words_of_shipped_files() -> tuple[Counter[str], Counter[str]]:
    """How many shipped specs and libraries use each kind of step, and each attribute of a step."""
    steps: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    for file in (*shipped_files("spec").values(), *shipped_files("library").values()):
        seen = analyse(file.read_text(), file).surroundings
        words = [(seen.slot(_place(word)), word) for word in seen.chain[0].reading.words]
        steps.update({word.text for slot, word in words if slot.kind == "step"} & {*STEPS})
        attributes.update(
            {w.text for slot, w in words if slot.kind == "attributes" and _is_optional(slot, w)}
        )
    return steps, attributes


STEPS = (*REGISTRY, "shortcut", "split")


def _is_optional(slot: Slot, word: Word) -> bool:
    op = REGISTRY.get(slot.name)
    form = op.model_fields.get(word.text) if op else None
    return op is not None and not (form and form.is_required())


def _place(word: Word) -> WordPath:
    return word.path[:-1] if word.is_key else word.path


def test_what_is_usual_is_used() -> None:
    """The words that are offered first are those that shipped files use most."""
    steps, attributes = words_of_shipped_files()
    for usual, used in ((USUAL_STEPS, steps), (USUAL_ATTRIBUTES, attributes)):
        most = [word for word, _ in used.most_common(len(usual))]
        fewest = used[most[-1]]
        assert all(used[word] >= fewest for word in usual), (usual, used)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("stem:\n  - @\n", ["conv", "bn", "relu"]),
        ("blocks: {unit: {body: [@]}}\n", ["conv", "bn", "relu"]),
        ("stem:\n  - conv: {@}\n", ["filters", "kernel", "activation"]),
        ("stem:\n  - dense: {@}\n", ["units", "activation", "bias"]),
        ("@\n", ["about", "extends", "uses"]),
        ("stages:\n  s1: {@}\n", ["block", "repeat", "first"]),
        ("uses: [blocks/residual.yaml]\nstages:\n  s1: {block: basic, @}\n", ["filters", "repeat"]),
        ("shortcuts: {mine: {@}}\n", ["about", "args", "body"]),
        ("shortcuts: {mine: {changes_shape: @}}\n", ["true", "false"]),
    ],
)
def test_what_is_needed_or_usual_comes_first(typed: str, first: list[str], tmp_path: Path) -> None:
    text, at = with_cursor(f"archc: 1\n{typed}")
    labels = [each.label for each in complete(analyse(text, tmp_path / "spec.yaml"), at)]
    assert labels[: len(first)] == first


def test_a_definition_is_offered_the_keys_of_its_shelf(tmp_path: Path) -> None:
    for shelf, offered, missing in (
        ("blocks", "inputs", "changes_shape"),
        ("shortcuts", "changes_shape", "inputs"),
    ):
        text, at = with_cursor(f"archc: 1\n{shelf}:\n  mine:\n    @\n")
        labels = {each.label for each in complete(analyse(text, tmp_path / "spec.yaml"), at)}
        assert offered in labels and missing not in labels


@pytest.mark.parametrize(
    ("typed", "is_offered"),
    [
        ("  - conv: {filters: 3}\n    @\n", False),
        ("  - conv: {filters: 3}\n    co@\n", False),
        ("  - co@nv: {filters: 3}\n", True),
        ("  - co@\n", True),
        ("  - conv: {filters: 3}\n  @\n", True),
    ],
)
def test_a_step_has_one_key(typed: str, is_offered: bool, tmp_path: Path) -> None:
    text, at = with_cursor(f"archc: 1\ninput: [8, 8, 3]\nstem:\n{typed}")
    assert bool(complete(analyse(text, tmp_path / "spec.yaml"), at)) == is_offered
