"""The closed set of ops: one class for each, in the file of its family.

An op says its attributes, its shape rule, weights, multiply-adds and Keras calls; nothing else
switches on the kind of an op. All families are imported at once, since an op is in `REGISTRY` as
soon as its class exists. Imports `errors` and `keras_defaults`, no framework. Gives the classes to
`spec`, `graph` and all that emits. CONTRIBUTING.md says what a new op needs.
"""

from archcompile.ops import (
    act,
    attention,
    conv,
    conv_transpose,
    dense,
    drop,
    merge,
    move,
    norm,
    pad,
    pool,
    resize,
    tensor,
)
from archcompile.ops.act import Simple
from archcompile.ops.base import (
    Call,
    Op,
    Pair,
    Piece,
    Shape,
    Span,
    View,
    Weight,
    as_pair,
    show,
    times,
    whole,
)
from archcompile.ops.conv import Conv, DepthwiseConv, Kernelled, SeparableConv, Windowed
from archcompile.ops.drop import DropPath
from archcompile.ops.merge import Add
from archcompile.ops.move import MAP_AXES, TOKEN_AXES, SliceChannels
from archcompile.ops.norm import BatchNorm
from archcompile.ops.pad import Pad, PadChannels
from archcompile.ops.pool import Global, Window
from archcompile.ops.registry import REGISTRY, attribute_words, example
from archcompile.ops.tensor import Input
from archcompile.ops.values import ACTIVATIONS
from archcompile.ops.windows import ceil_div, same_padding

__all__ = [
    "ACTIVATIONS",
    "MAP_AXES",
    "REGISTRY",
    "TOKEN_AXES",
    "Add",
    "BatchNorm",
    "Call",
    "Conv",
    "DepthwiseConv",
    "DropPath",
    "Global",
    "Input",
    "Kernelled",
    "Op",
    "Pad",
    "PadChannels",
    "Pair",
    "Piece",
    "SeparableConv",
    "Shape",
    "Simple",
    "SliceChannels",
    "Span",
    "View",
    "Weight",
    "Window",
    "Windowed",
    "act",
    "as_pair",
    "attention",
    "attribute_words",
    "ceil_div",
    "conv",
    "conv_transpose",
    "dense",
    "drop",
    "example",
    "merge",
    "move",
    "norm",
    "pad",
    "pool",
    "resize",
    "same_padding",
    "show",
    "tensor",
    "times",
    "whole",
]
