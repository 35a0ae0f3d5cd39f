"""What was probably meant by the name of a step or a block that is not there."""

from functools import cache

from archcompile.errors import did_you_mean, nearest
from archcompile.ops import ACTIVATIONS, REGISTRY
from archcompile.shipped import shipped_files
from archcompile.spec.language import elsewhere
from archcompile.spec.yaml import parse, read_text, submap

ALL_OPS = "`archc explain unknown-step` lists the ops, docs/ops.md has details"
LIKE = 0.75  # how like a known word an unknown one must be: `attention` is no typo of `activation`


def bare(word: str) -> str:
    """A word as the tables of `elsewhere` have it."""
    return word.rpartition(".")[2].lower().replace("_", "").replace("-", "")


def step_hint(word: str, known: list[str]) -> str:
    """For a step that is neither an op nor a block in scope; `known` are those."""
    return _foreign_hint(word) or _shipped_hint(word) or _near_hint(word, known) or ALL_OPS


def _foreign_hint(word: str) -> str | None:
    plain = bare(word)
    ours = {bare(kind): kind for kind in REGISTRY}
    if op := ours.get(plain) or elsewhere.OPS.get(plain):
        return f"did you mean `{op}`?"
    if plain in elsewhere.STEPS:
        return elsewhere.STEPS[plain]
    if plain in elsewhere.NO_ACTIVATIONS:
        return no_activation(word)
    return f"{word} {elsewhere.ABSENT[plain]}" if plain in elsewhere.ABSENT else None


def no_activation(word: str) -> str:
    return f"{word} does not exist here: there are {', '.join(ACTIVATIONS)}"


def activation_hint(word: str, options: list[str]) -> str:
    """For an activation that is none of `options`."""
    plain = bare(word)
    if plain == "prelu":
        return "`prelu` has weights: it is a step of its own"
    if plain in ("linear", "identity"):
        return "did you mean `none`?"
    if plain in elsewhere.NO_ACTIVATIONS:
        return no_activation(word)
    ours = next(
        (option for option in options if bare(option) == plain), elsewhere.ACTIVATIONS.get(plain)
    )
    return (
        f"did you mean `{ours}`?"
        if ours in options
        else did_you_mean(word, options, "it is one of")
    )


def init_hint(word: str, options: list[str]) -> str:
    """For an initialiser that is none of `options`."""
    settings = elsewhere.INITS.get(bare(word))
    return f"write `init: {settings}`" if settings else did_you_mean(word, options, "it is one of")


def _near_hint(word: str, known: list[str]) -> str | None:
    near = nearest(word, known, LIKE)
    return f"did you mean `{near}`?" if near else None


def attribute_hint(word: str, known: list[str]) -> str:
    """For an attribute that an op has not; `known` are those it has."""
    if bare(word) in elsewhere.NO_ATTRIBUTES:
        return elsewhere.NO_ATTRIBUTES[bare(word)]
    meant = (elsewhere.ATTRIBUTES.get(bare(word)), elsewhere.WINDOWS.get(bare(word)))
    ours = next((name for name in meant if name in known), None)
    return f"did you mean `{ours}`?" if ours else did_you_mean(word, known)


def block_hint(word: str, known: list[str]) -> str:
    """For a stage's block that is not in scope; `known` are the blocks that are."""
    if word in REGISTRY:
        return f"'{word}' is an op: write the stage as a list of steps, each after `- `"
    if hint := _foreign_hint(word) or _shipped_hint(word) or _near_hint(word, known):
        return hint
    return (
        did_you_mean(word, known)
        if known
        else "write one under `blocks:`, or bring some in: `uses: [blocks/residual.yaml]`"
    )


def rule_hint(word: str, known: list[str]) -> str:
    """For a shortcut rule that is not in scope."""
    library = _libraries("shortcuts").get(word)
    return f"`uses: [{library}]` brings it in" if library else did_you_mean(word, known)


def _shipped_hint(word: str) -> str | None:
    library = _libraries("blocks").get(word)
    return f"`uses: [{library}]` brings it in" if library else None


@cache
def _libraries(shelf: str) -> dict[str, str]:
    """The library that has each shipped block or rule, as `uses` names it.

    They are read only once a mistake has been made.
    """
    libraries: dict[str, str] = {}
    for path in shipped_files("library").values():
        tree = parse(read_text(path), path.name)
        for name in submap(tree, shelf).entries:
            libraries.setdefault(name, f"blocks/{path.name}")
    return libraries
