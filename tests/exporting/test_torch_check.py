"""The check of printed modules of PyTorch: nothing gets through that archc does not print."""

import ast
from functools import cache

import pytest

from archcompile.api import compile as compile_spec
from archcompile.source import to_torch
from archcompile.source.read_back import SourceDiffers
from archcompile.source.torch_check import check_module
from tests.source.hostile_graphs import HOSTILE, hostile_graph

CALL = "__import__('os').system('true')"
# What is put in place of a text of the printed module; each is Python that would run.
PLANTED = (
    ('"""\n\nimport torch\n', f'"""\n\n{CALL}\nimport torch\n'),
    ("import torch\n", "import torch, os\n"),
    ("from torch import nn", "from os import system as nn"),
    ("from torch import nn", "from torch import nn\nimport os"),
    ("from torch import nn", f"from torch import nn\nx = {CALL}"),
    ('    """The zeros', f'    {CALL}\n    """The zeros'),
    ("def same_zeros(x, kernel, stride, *, dilation=(1, 1)):", "def same_zeros(*_, **__):"),
    ("class Basic(nn.Module):", "@print\nclass Basic(nn.Module):"),
    ("class Basic(nn.Module):", "class Basic(torch.nn.Linear):"),
    ("class Basic(nn.Module):", "class Basic(nn.Module, metaclass=print):"),
    ("class Basic(nn.Module):", f"class Basic(nn.Module):\n    x = {CALL}\n"),
    ("class Basic(nn.Module):", "class range(nn.Module):"),
    ("class Basic(nn.Module):", "class SameConv2d(nn.Module):"),
    ("stride=1, projection=False):", f"stride={CALL}, projection=False):"),
    ("stride=1, projection=False):", "stride: print('x')=1, projection=False):"),
    ("stride=1, projection=False):", "stride=1, projection=False, **torch):"),
    ("stride=1, projection=False):", "stride=1, projection=False, range=1):"),
    ("stride=1, projection=False):", "stride=1, projection=False) -> print('x'):"),
    ("        self.projection = projection", f"        self.projection = {CALL}"),
    ("        self.projection = projection", "        self.forward = projection"),
    ("        self.projection = projection", "        self.__class__ = projection"),
    ("        self.projection = projection", "        self.projection = self.__dict__"),
    ("        self.projection = projection", "        self.projection = lambda: 1"),
    ("        self.projection = projection", "        self.projection = [x for x in (1,)]"),
    ("        self.projection = projection", "        self.projection = torch.load('x')"),
    ("        self.projection = projection", "        self.projection = torch.hub"),
    ("        self.projection = projection", "        self.projection = nn.modules"),
    ("        self.projection = projection", "        self.projection = eval"),
    ("        self.projection = projection", "        self.projection = projection('x')"),
    ("        self.projection = projection", "        self.projection = range(1)[0]"),
    ("        self.projection = projection", "        self.projection = 'x'.format(1)"),
    ("        self.projection = projection", "        self.projection = f'{projection:>9}'"),
    ("        self.projection = projection", "        self.projection = f'{projection!r}'"),
    ("        self.projection = projection", "        self.projection = 9 ** 9 ** 9"),
    ("        self.projection = projection", "        projection = (torch := nn)"),
    ("        self.projection = projection", "        nn = projection"),
    ("        self.projection = projection", "        nn.Conv2d = projection"),
    ("        self.projection = projection", "        import os"),
    ("        self.projection = projection", "        del self.projection"),
    ("        self.projection = projection", "        global torch"),
    ("        self.projection = projection", "        raise ValueError"),
    ("        self.projection = projection", "        def f(): pass"),
    ("        y = F.relu(y)", "        y = F.relu(y).backward()"),
    ("        y = F.relu(y)", "        y = torch.ops.aten(y)"),
    ("        y = F.relu(y)", "        y = self.register_forward_hook(y)"),
    ("        y = F.relu(y)", "        y = F.relu(y).__class__"),
    ("        y = F.relu(y)", "        y = y.numpy()"),
    ("    def forward(self, x):\n        y =", "    async def forward(self, x):\n        y ="),
    ("    def forward(self, x):\n        y =", "    def close(self, x):\n        y ="),
)


@cache
def print_module() -> str:
    return to_torch(compile_spec("resnet_v1", sets=["depth=8"])).text


@pytest.mark.parametrize(("before", "after"), PLANTED)
def test_what_is_planted_is_noticed(before: str, after: str) -> None:
    text = print_module()
    assert before in text
    planted = text.replace(before, after, 1)
    ast.parse(planted)
    check_module(text)
    with pytest.raises(SourceDiffers, match="does not print"):
        check_module(planted)


def test_text_that_is_no_python_is_noticed() -> None:
    for text in (print_module() + "\nclass", print_module() + "\0", ""):
        with pytest.raises(SourceDiffers):
            check_module(text)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_names_and_texts_stay_in_their_place(text: str) -> None:
    """What is printed passes the check, and all weights have a place."""
    graph = hostile_graph(text)
    weights = [f"{node.name}/{weight.name}" for node in graph for weight in graph.weights(node)]
    assert sorted(key for key, _ in to_torch(graph).weights.values()) == sorted(weights)


@pytest.mark.parametrize(
    ("escape", "text"),
    [
        ("archcompile.source.header._harmless", '"""\nimport os\n"""'),
        ("archcompile.source.spec_places.visible", f"x\n{CALL}  # "),
        ("archcompile.source.torch_source.quote", f'"x": {CALL}, "y"'),
    ],
)
def test_without_the_escapes_the_check_holds(
    escape: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escape, lambda text, *_: text)
    with pytest.raises(SourceDiffers):
        to_torch(hostile_graph(text))
