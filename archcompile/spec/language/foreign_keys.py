"""Keys of other tools, and what was meant by them here: of a spec, of a block, of a row."""

from archcompile.spec.language.elsewhere import SIGNAL

# keys of a spec
_RECIPE = "this belongs in a recipe: `archc train SPEC --recipe FILE`, or `--set train.KEY=V`"
KEYS = {
    "inputs": "a network has one input here: `input: [height, width, channels]`; blocks may have "
    "several",
    "input_shape": "did you mean `input`?",
    "variables": "did you mean `vars`?",
    "parameters": "did you mean `vars`?",
    "layers": "steps belong in `stem`, `stages` and `head`",
    "steps": "steps belong in `stem`, `stages` and `head`",
    "model": "steps belong in `stem`, `stages` and `head`",
    "network": "steps belong in `stem`, `stages` and `head`",
    "backbone": "steps belong in `stem`, `stages` and `head`",
    "body": "steps belong in `stem`, `stages` and `head`",
    "classes": "the length of the last `dense` says it; a variable may hold it: `vars: {classes: "
    "10}`",
    "num_classes": "the length of the last `dense` says it; a variable may hold it: `vars: "
    "{classes: 10}`",
    "include": "did you mean `uses`?",
    "import": "did you mean `uses`?",
    "version": "did you mean `archc`?",
    "description": "did you mean `about`?",
    "recipe": "did you mean `train`?",
    **dict.fromkeys(
        (
            "optimizer",
            "loss",
            "epochs",
            "batch_size",
            "lr",
            "learning_rate",
            "schedule",
            "augment",
            "augmentation",
            "data",
            "dataset",
            "metrics",
            "callbacks",
        ),
        _RECIPE,
    ),
}
# lists of a spec that have another length elsewhere
LENGTHS = {"input": f"it is height, width and channels of one map; {SIGNAL}"}

_RESULTS = ("output", "outputs", "result", "results", "returns")
_ONE_RESULT = (
    "a block has one result, that of its last step: write a block for each, or a list of steps "
    "(stem, head or a stage), where every step may have a name"
)


def foreign_block_key(key: str) -> str | None:
    """For a key that a block has elsewhere; None where nothing is known of it."""
    return _ONE_RESULT if key in _RESULTS else None


def row_key_hint(key: str, block: str, value: object) -> str:
    """For a modifier of steps in a stage's row."""
    if key == "name":
        return "a row is called by its key"
    return f"a block in a list of steps may have one: `[{block}: {{{key}: {value}, …}}]`"
