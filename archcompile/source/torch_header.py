"""The docstring of a printed module of PyTorch: how to load it, and what differs from Keras."""

from collections.abc import Iterable

from archcompile.graph import LayerGraph
from archcompile.source.header import docstring

WEIGHTS_FILE = "weights.safetensors"
# Lines for what a network has, by a part of the text that does it.
NOTES = {
    "1).flatten(1)": ("Maps are flattened pixel by pixel, as in Keras.",),
    "nn.AvgPool2d": ("Average pools leave out the zeros around a map, as in Keras.",),
    "nn.LocalResponseNorm": (
        "The alpha of a local response norm is that of the spec times its size, since",
        "PyTorch takes the mean of the squares where the paper takes their sum.",
    ),
}


def module_docstring(graph: LayerGraph, name: str, paths: Iterable[str]) -> list[str]:
    """The lines for a module `name` made of calls with these paths."""
    *about, end = docstring(graph)
    whole = "\n".join(paths)
    notes = [line for text, lines in NOTES.items() if text in whole for line in lines]
    return [
        *about,
        "",
        f"    model = {name}()",
        f'    model.load_state_dict(safetensors.torch.load_file("{WEIGHTS_FILE}"))',
        "    model.eval()",
        "",
        "Maps are (N, C, H, W); shapes in comments are without N. Modules are called like the",
        "layers of the spec. Epsilons and momenta are Keras': a momentum of 0.9 there is 0.1",
        "here. What PyTorch has not got as Keras has it is defined first.",
        *notes,
        end,
    ]
