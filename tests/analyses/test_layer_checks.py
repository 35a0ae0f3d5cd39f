"""Warnings about layers in numbers: when each begins, and how much it says is lost. All of it is
counted by hand.
"""

import pytest

from archcompile.analyses.layer_checks import layer_findings
from archcompile.api import compile_text


def findings(steps: str, size: str = "8, 8, 4", rest: str = "") -> list[tuple[str, str]]:
    graph = compile_text(
        f"archc: 1\ninput: [{size}]\n{rest}" + (f"stem: [{steps}]\n" if steps else "")
    )
    return [(item.diagnostic.code, item.diagnostic.message) for item in layer_findings(graph)]


WIDE, ODD, POOL, ONE_PIXEL, IDLE = (
    "stride-wider-than-kernel",
    "odd-before-stride",
    "pool-does-not-cover",
    "stride-over-one-pixel",
    "kernel-beyond-map",
)
CONV = "conv: {filters: 4, kernel: 1}"
TABLE: list[tuple[str, str, list[tuple[str, str]]]] = [  # input, steps, and what is told
    # a bias in front of a batch norm, where nothing else reads the layer and no activation stands
    # between
    ("8, 8, 4", f"{CONV}, bn",
     [("bias-before-bn",
       "the bias of stem_conv1 does nothing: the batch norm after it removes the mean")]),
    ("8, 8, 4", "conv: {filters: 4, kernel: 1, bias: false}, bn", []),
    ("8, 8, 4", "conv: {filters: 4, kernel: 1, activation: relu}, bn", []),
    ("8, 8, 4", "conv: {filters: 4, kernel: 1, name: c}, bn, add: {with: c}", []),
    ("8, 8, 4", f"{CONV}, relu, bn, bn", []),
    ("8, 8, 4", f"{CONV}, layer_norm", []),
    # windows that step over pixels: (1 - share of rows times share of columns that is seen)
    ("8, 8, 4", "conv: {filters: 4, kernel: 1, stride: 2}",
     [(WIDE,
       ("stem_conv1 strides by 2x2 with a 1x1 window: 75% of the 8x8x4 map before it is never "
        "read"))]),
    ("8, 8, 4", "conv: {filters: 4, kernel: [3, 1], stride: 2}",
     [(WIDE,
       ("stem_conv1 strides by 2x2 with a 3x1 window: 50% of the 8x8x4 map before it is never "
        "read"))]),
    ("8, 8, 4", "conv: {filters: 4, kernel: [1, 3], stride: [2, 1]}",
     [(WIDE,
       ("stem_conv1 strides by 2x1 with a 1x3 window: 50% of the 8x8x4 map before it is never "
        "read"))]),
    ("9, 9, 4", "max_pool: {size: 2, stride: 3, padding: same}",
     [(WIDE,
       ("stem_max_pool1 strides by 3x3 with a 2x2 window: 56% of the 9x9x4 map before it is never "
        "read"))]),
    ("8, 8, 4", "max_pool: {size: 2}", []), ("8, 8, 4", "subsample: {stride: 2}", []),
    ("8, 8, 4", "max_pool: {size: [2, 1], stride: [2, 1]}", []),
    ("8, 8, 4",
     (f"{CONV}, add: {{branches: {{a: [conv: {{filters: 4, kernel: 1, stride: 2}}], b: [avg_pool: "
      "{size: 2}]}}"), []),
    ("8, 8, 4",
     (f"{CONV}, concat: {{branches: {{a: [subsample: {{stride: 2}}], b: [conv: {{filters: 4, "
      "kernel: 1, stride: 2}]}}"),
     [(WIDE,
       ("stem_concat1_b_conv1 strides by 2x2 with a 1x1 window: 75% of the 8x8x4 map before it is "
        "never read"))]),
    # rows and columns at the end that a window never reaches: (n - k) mod s of them, and what a
    # stride wider than the window leaves between
    ("7, 7, 4", "max_pool: {size: 2}",
     [(POOL, "stem_max_pool1 never sees the last 1 row and 1 column of its 7x7x4 map")]),
    ("7, 8, 4", "avg_pool: {size: 2}",
     [(POOL, "stem_avg_pool1 never sees the last 1 row of its 7x8x4 map")]),
    ("9, 10, 4", "conv: {filters: 4, kernel: [3, 3], stride: 4, padding: valid}",
     [(WIDE,
       ("stem_conv1 strides by 4x4 with a 3x3 window: 44% of the 9x10x4 map before it is never "
        "read")),
      (ODD, "stem_conv1 never sees the last 1 row and 2 columns of its 9x10x4 map")]),
    ("11, 8, 4", "max_pool: {size: 5, stride: [4, 3]}",
     [(POOL, "stem_max_pool1 never sees the last 2 rows of its 11x8x4 map")]),
    # zeros are no loss
    ("8, 8, 4",
     "pad: {size: [0, 1, 0, 1]}, conv: {filters: 4, kernel: 2, stride: 2, padding: valid}", []),
    ("8, 8, 4",
     "pad: {size: [1, 0, 1, 0]}, conv: {filters: 4, kernel: 2, stride: 2, padding: valid}",
     [(ODD, "stem_conv1 never sees the last 1 row and 1 column of its 9x9x4 map")]),
    ("8, 8, 4",
     "pad: {size: [0, 1, 1, 0]}, conv: {filters: 4, kernel: 2, stride: 2, padding: valid}",
     [(ODD, "stem_conv1 never sees the last 1 column of its 9x9x4 map")]),
    ("8, 8, 4", "max_pool: {size: [3, 3], stride: [1, 1]}", []),
    ("7, 7, 4", "max_pool: {size: 3, stride: 2}", []),
    # with `same` all is seen; a size that is rounded up is no longer met where a factor scales it
    ("7, 8, 4", "max_pool: {size: 2, padding: same}", []),
    ("7, 8, 4", "max_pool: {size: 2, padding: same}, upsample: {size: 2}",
     [(ODD,
       ("stem_max_pool1 strides by 2x2 over a 7x8x4 map, whose size it does not divide: the "
        "result, 4x4x4, is rounded up, and stem_upsample1 makes another size of it"))]),
    ("8, 9, 4",
     "conv: {filters: 4, kernel: 3, stride: [1, 2]}, relu, conv_transpose: {filters: 4, kernel: 2, "
     "stride: 2}",
     [(ODD,
       ("stem_conv1 strides by 1x2 over a 8x9x4 map, whose size it does not divide: the result, "
        "8x5x4, is rounded up, and stem_conv_transpose1 makes another size of it"))]),
    ("9, 8, 4", "conv: {filters: 4, kernel: 3, stride: [1, 2]}, upsample: {size: 2}", []),
    ("7, 8, 4", "max_pool: {size: 2, padding: same}, resize: {to: [7, 8]}", []),
    ("7, 8, 4",
     "max_pool: {size: 2, padding: same}, global_avg_pool: {keep_dims: true}, upsample: {size: 7}",
     []),
    ("7, 8, 4", "max_pool: {size: 2, padding: same}, depth_to_space: {size: 2}",
     [(ODD,
       ("stem_max_pool1 strides by 2x2 over a 7x8x4 map, whose size it does not divide: the "
        "result, 4x4x4, is rounded up, and stem_depth_to_space1 makes another size of it"))]),
    ("8, 8, 4", "conv: {filters: 4, kernel: 3, stride: 2}", []),
    # over one pixel there is nothing to step over
    ("1, 1, 4", "conv: {filters: 4, kernel: 1, stride: 2}",
     [(ONE_PIXEL,
       "stem_conv1 strides by 2x2 over a one-pixel map, where there is nothing to step over")]),
    ("1, 1, 4", "conv: {filters: 4, kernel: 1, stride: 1}", []),
    ("1, 2, 4", "max_pool: {size: [1, 2]}", []),
    ("1, 1, 4", "max_pool: {size: 1, stride: [1, 2]}",
     [(ONE_PIXEL,
       "stem_max_pool1 strides by 1x2 over a one-pixel map, where there is nothing to step over")]),
    # places of a kernel that are on padding wherever it stands
    ("1, 1, 4", "conv: {filters: 4, kernel: 3}",
     [(IDLE,
       ("8 of the 9 places of stem_conv1's 3x3 kernel only ever see padding: the map has 1x1 "
        "pixels"))]),
    ("1, 8, 4", "conv: {filters: 4, kernel: 3}",
     [(IDLE,
       ("6 of the 9 places of stem_conv1's 3x3 kernel only ever see padding: the map has 1x8 "
        "pixels"))]),
    ("8, 1, 4", "depthwise_conv: {kernel: [1, 3]}",
     [(IDLE,
       ("2 of the 3 places of stem_depthwise_conv1's 1x3 kernel only ever see padding: the map has "
        "8x1 pixels"))]),
    ("2, 2, 4", "conv: {filters: 4, kernel: 3}", []),
    ("2, 2, 4", "conv: {filters: 4, kernel: 2}", []),
    ("3, 3, 4", "conv: {filters: 4, kernel: 5}", []),
    ("2, 2, 4", "conv: {filters: 4, kernel: 5}",
     [(IDLE,
       ("16 of the 25 places of stem_conv1's 5x5 kernel only ever see padding: the map has 2x2 "
        "pixels"))]),
    # one place of the kernel, from the first pixel on
    ("2, 2, 4", "conv: {filters: 4, kernel: 3, stride: 2}",
     [(IDLE,
       ("5 of the 9 places of stem_conv1's 3x3 kernel only ever see padding: the map has 2x2 "
        "pixels"))]),
    ("4, 4, 4", "conv: {filters: 4, kernel: 3, stride: 2}", []),  # -1 + 2 and 1 + 2 lie on the map
    ("3, 3, 4", "conv: {filters: 4, kernel: 3, dilation: 2}", []),
    ("2, 2, 4", "conv: {filters: 4, kernel: 3, dilation: 2}",
     [(IDLE,
       ("8 of the 9 places of stem_conv1's 3x3 kernel only ever see padding: the map has 2x2 "
        "pixels"))]),
    ("2, 3, 4", "conv: {filters: 4, kernel: 3, dilation: [2, 1]}",
     [(IDLE,
       ("6 of the 9 places of stem_conv1's 3x3 kernel only ever see padding: the map has 2x3 "
        "pixels"))]),
    ("1, 1, 4", "pad: {size: 1}, conv: {filters: 4, kernel: 3, padding: valid}",
     [(IDLE,
       ("8 of the 9 places of stem_conv1's 3x3 kernel only ever see padding: the map has 1x1 "
        "pixels"))]),
    # row 0 of 3; columns 1 and 2 of 3
    ("1, 2, 4", "pad: {size: [0, 2, 1, 0]}, conv: {filters: 4, kernel: 3, padding: valid}",
     [(IDLE,
       ("7 of the 9 places of stem_conv1's 3x3 kernel only ever see padding: the map has 1x2 "
        "pixels"))]),
    ("3, 3, 4", "pad: {size: [2, 0, 0, 2]}, conv: {filters: 4, kernel: 3, padding: valid}", []),
    ("1, 1, 4", "max_pool: {size: 3, stride: 1, padding: same}", []),
    # softmax over one value
    ("8, 8, 1", "softmax",
     [("softmax-over-one",
       ("stem_softmax1 is a softmax over one value, which is always 1: nothing before it can be "
        "trained"))]),
    ("8, 8, 2", "softmax, sigmoid", []),
    ("8, 8, 4", "conv: {filters: 1, kernel: 1, activation: softmax}",
     [("softmax-over-one",
       ("stem_conv1 is a softmax over one value, which is always 1: nothing before it can be "
        "trained"))]),
    # ends without a softmax or a sigmoid
    ("1, 1, 4", "flatten, dense: {units: 2}",
     [("no-softmax",
       "stem_dense1 ends the network without a softmax: its outputs are not probabilities")]),
    ("1, 1, 4", "flatten, dense: {units: 1}",
     [("no-softmax",
       "stem_dense1 ends the network without a sigmoid: its outputs are not probabilities")]),
    ("1, 1, 4", "flatten, dense: {units: 2, activation: softmax}", []),
    ("1, 1, 4", "flatten, dense: {units: 2}, relu", []),
    ("8, 8, 4", "conv: {filters: 4, kernel: 1, l2: 0.25}",
     [("l2-is-twice-decay",
       ("`l2: 0.25` adds 0.25 times the sum of squares to the loss: the pull of a weight decay of "
        "0.5"))]),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(TABLE)))
def test_in_a_list_of_steps(case: int) -> None:
    size, steps, reported = TABLE[case]
    assert findings(steps, size) == reported


STRIDES, NEED, FINAL = "stride-in-every-unit", "projection-without-need", "no-final-norm"
UNIT = "blocks: {u: {args: {s: 1, f: 4}, body: [conv: {filters: $f, kernel: 3, stride: $s}]}}\n"
JOINED = (
    "blocks: {u: {args: {f: 4}, body: [conv: {filters: $f, kernel: 3}, shortcut]}}\nshortcuts:\n  "
    "plain: [add: {with: branch}]\n"
    "  wide: [conv: {filters: $out_channels, kernel: 1}, add: {with: branch}]\nshortcut: wide\n"
)
NORMED = (
    "blocks: {u: [bn, relu, conv: {filters: 4, kernel: 3, bias: false}, "
    "shortcut]}\nshortcuts: {plain: [add: {with: branch}]}\nshortcut: plain\n"
)
STAGES: list[tuple[str, list[tuple[str, str]]]] = [
    (UNIT + "stages: {s1: {block: u, repeat: 3, s: 2}}\n",
     [(STRIDES, "3 of the 3 units of s1 stride: the map shrinks to 2x2x4")]),
    (UNIT + "stages: {s1: {block: u, repeat: 3, s: 2, first: {s: 1}}}\n",
     [(STRIDES, "2 of the 3 units of s1 stride: the map shrinks to 4x4x4")]),
    (UNIT + "stages: {s1: {block: u, repeat: 2, s: 2}}\n",
     [(STRIDES, "2 of the 2 units of s1 stride: the map shrinks to 4x4x4")]),
    (("blocks: {u: [conv: {filters: 4, kernel: 3, stride: [1, 2]}]}\nstages: {s1: {block: u, "
      "repeat: 3}}\n"),
     [(STRIDES, "3 of the 3 units of s1 stride: the map shrinks to 16x2x4")]),
    (UNIT + "stages: {s1: {block: u, repeat: 3, first: {s: 2}}}\n", []),
    (UNIT + "stages: {s1: {block: u, repeat: 3, last: {s: 2}}}\n", []),
    (UNIT + "stages: {s1: {block: u, repeat: 2, s: 2, last: {s: 1}}, s2: {block: u, s: 2}}\n", []),
    # pools are meant
    (("blocks: {u: [conv: {filters: 4, kernel: 3}, max_pool: {size: 2}]}\nstages: {s1: {block: u, "
      "repeat: 3}}\n"), []),
    # as large as before
    (("blocks: {u: [conv: {filters: 4, kernel: 3, stride: 2}, upsample: {size: 2}]}\nstages: {s1: "
      "{block: u, repeat: 3}}\n"), []),
    (JOINED + "stages: {s1: {block: u, f: 5}}\n",
     [(NEED,
       ("s1_b1_shortcut_conv1 is a projection although s1 keeps the map's size: 4 channels come "
        "in, 5 go out"))]),
    (JOINED + "stages: {s1: {block: u, f: 6}}\n", []),
    (JOINED + "stages: {s1: {block: u, f: 4}}\n", []),
    (JOINED + "stages: {s1: {block: u, f: 3}}\n",
     [(NEED,
       ("s1_b1_shortcut_conv1 is a projection although s1 keeps the map's size: 4 channels come "
        "in, 3 go out"))]),
    (NORMED + "stages: {s1: {block: u, repeat: 2}}\nhead: [global_avg_pool]\n",
     [(FINAL,
       ("head_global_avg_pool1 reads s1_b2_shortcut_add1 without norm and activation, which "
        "earlier units have before their convolutions"))]),
    (NORMED + "stages: {s1: {block: u, repeat: 2}}\nhead: [bn, relu, global_avg_pool]\n", []),
    # no norm behind a join: the net is not of that kind
    (NORMED + "stages: {s1: {block: u, repeat: 1}}\nhead: [global_avg_pool]\n", []),
    (NORMED + ("stages: {s1: {block: u, repeat: 2}}\nhead: [conv: {filters: 4, kernel: 1}, "
               "global_avg_pool]\n"), []),
    (NORMED + "stages: {s1: {block: u, repeat: 2}}\n", []),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(STAGES)))
def test_in_stages(case: int) -> None:
    text, reported = STAGES[case]
    assert findings("", "16, 16, 4", text) == reported
