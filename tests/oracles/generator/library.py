"""What ships, as the generator calls it: the roles of the arguments of blocks and rules, by
library.
"""

from .calls import Roles

RULES = {
    "identity": Roles(arguments={}),
    "zero_pad": Roles(arguments={}),
    "zero_pad_centered": Roles(arguments={}),
    "zero_pad_averaged": Roles(arguments={}),
    "pooled": Roles(arguments={}),
    "scaled": Roles(arguments={"carry": "factor", "transform": "factor"}),
    "dropout_shortcut": Roles(arguments={"rate": "rate"}),
    "projection": Roles(arguments={"padding": "side"}),
    "projection_bare": Roles(arguments={}),
    "projection_all": Roles(arguments={}),
    "projection_preact": Roles(arguments={}),
    "projection_resnet_d": Roles(arguments={}),
    "highway": Roles(arguments={"kernel": "kernel", "bias": "bias"}),
    "exclusive_gate": Roles(arguments={"bias": "bias"}),
    "shortcut_gate": Roles(arguments={"bias": "bias"}),
    "dropped_identity": Roles(arguments={"rate": "rate"}, required=("rate",)),
    "dropped_zero_pad": Roles(arguments={"rate": "rate"}, required=("rate",)),
}
RESIDUAL = {"mid": "filters", "out": "filters", "groups": "divisor", "stride": "stride"}
BLOCKS: dict[str, dict[str, Roles]] = {
    "residual": {
        "basic": Roles(
            arguments={"filters": "filters", "stride": "stride"}, required=("filters",), joins=True
        ),
        "bottleneck": Roles(
            arguments={**RESIDUAL, "stride_at": "place"}, required=("mid", "out"), joins=True
        ),
        "preact_basic": Roles(
            arguments={
                "filters": "filters",
                "stride": "stride",
                "dropout": "rate",
                "activate_first": "flag",
            },
            required=("filters",),
            joins=True,
        ),
        "wide_basic": Roles(
            arguments={"filters": "filters", "stride": "stride", "dropout": "rate"},
            required=("filters",),
            joins=True,
        ),
        "preact_bottleneck": Roles(
            arguments={
                "mid": "filters",
                "out": "filters",
                "stride": "stride",
                "stride_at": "place",
                "activate_first": "flag",
            },
            required=("mid", "out"),
            joins=True,
        ),
    },
    "plain": {
        "plain": Roles(
            arguments={"filters": "filters", "kernel": "kernel", "stride": "stride"},
            required=("filters",),
            joins=True,
        )
    },
    "conv": {
        "conv_bn": Roles(
            arguments={
                "filters": "filters",
                "kernel": "kernels",
                "stride": "stride",
                "padding": "side",
                "act": "activation",
            },
            required=("filters",),
        ),
        "sep_bn": Roles(
            arguments={"filters": "filters", "kernel": "kernels", "act": "activation"},
            required=("filters",),
        ),
    },
    "squeeze_excite": {
        "squeeze_excite": Roles(
            arguments={"ratio": "divisor", "filters": "filters", "act": "activation"},
            required=("ratio",),
        ),
        "se_basic": Roles(
            arguments={"filters": "filters", "stride": "stride", "ratio": "divisor"},
            required=("filters", "ratio"),
            joins=True,
        ),
        "se_bottleneck": Roles(
            arguments={**RESIDUAL, "ratio": "divisor"}, required=("mid", "out", "ratio"), joins=True
        ),
    },
    "mobile": {
        "inverted": Roles(
            arguments={
                "filters": "filters",
                "width": "keep",
                "expand": "expand",
                "kernel": "kernel",
                "stride": "stride",
                "fixed_pad": "flag",
                "squeeze_act": "activation",
            },
            required=("filters",),
            joins=True,
        ),
        "fused": Roles(
            arguments={
                "filters": "filters",
                "width": "keep",
                "expand": "expand",
                "kernel": "kernel",
                "stride": "stride",
            },
            required=("filters",),
            joins=True,
        ),
    },
    "dense": {
        "dense_unit": Roles(
            arguments={"growth": "filters", "width": "count", "dropout": "rate"},
            required=("growth",),
        ),
        "transition": Roles(arguments={"keep": "keep"}),
    },
    "inception": {
        "inception": Roles(
            arguments=dict.fromkeys(
                ["one", "reduce3", "three", "reduce5", "five", "pool"], "filters"
            ),
            required=("one", "reduce3", "three", "reduce5", "five", "pool"),
        ),
    },
    "convnext": {"convnext": Roles(arguments={"kernel": "kernel", "scale": "rate"}, joins=True)},
}
WITHOUT_RULES = ("conv", "dense", "inception")  # libraries that bring no shortcut rules along
