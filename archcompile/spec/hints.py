"""What was probably meant by the name of a step or a block that is not there."""

from functools import cache

from archcompile.errors import did_you_mean
from archcompile.ops import REGISTRY
from archcompile.spec.files import shipped_folder
from archcompile.spec.strict_yaml import parse, read_text
from archcompile.spec.tree import Map

# Ops as frameworks and articles call them, in lower case without `_`. Names near enough to ours are not needed here.
ELSEWHERE = {
    "batchnorm": "bn", "batchnorm2d": "bn", "batchnormalization": "bn", "layernormalization": "layer_norm",
    "convolution": "conv", "conv2d": "conv", "depthwiseconv2d": "depthwise_conv", "separableconv2d": "separable_conv",
    "linear": "dense", "fc": "dense", "fullyconnected": "dense", "silu": "swish", "hardsilu": "hard_swish",
    "maxpool2d": "max_pool", "maxpooling2d": "max_pool",
    "avgpool2d": "avg_pool", "averagepooling2d": "avg_pool",
    "gap": "global_avg_pool", "globalaveragepooling2d": "global_avg_pool",
    "gmp": "global_max_pool", "globalmaxpooling2d": "global_max_pool",
    "concatenate": "concat", "cat": "concat", "mul": "multiply", "sum": "add", "zeropadding2d": "pad",
    "cropping2d": "crop", "upsampling2d": "upsample",
}  # fmt: skip


def step_hint(word: str, known: list[str]) -> str:
    """For a step that is neither an op nor a block in scope; `known` are those."""
    if op := ELSEWHERE.get(word.lower().replace("_", "")):
        return f"did you mean `{op}`?"
    return _shipped_hint(word) or did_you_mean(word, known)


def block_hint(word: str, known: list[str]) -> str:
    """For a stage's block that is not in scope; `known` are the blocks that are."""
    if word in REGISTRY:
        return f"'{word}' is an op: write the stage as a list of steps, each behind `- `"
    return _shipped_hint(word) or did_you_mean(word, known)


def _shipped_hint(word: str) -> str | None:
    library = _libraries().get(word)
    return f"`uses: [{library}]` brings it in" if library else None


@cache
def _libraries() -> dict[str, str]:
    """The library, as `uses` names it, of every block that ships; read only once a mistake has been made."""
    found: dict[str, str] = {}
    for path in sorted((shipped_folder() / "blocks").glob("*.yaml")):
        tree = parse(read_text(path), path.name)
        blocks = tree.get("blocks") if isinstance(tree, Map) else None
        for name in blocks.entries if isinstance(blocks, Map) else ():
            found.setdefault(name, f"blocks/{path.name}")
    return found
