"""What ships, as the generator calls it: the roles of the arguments of blocks and rules, by
library.
"""

from .calls import Roles

RULES = {
    "identity": Roles({}),
    "zero_pad": Roles({}),
    "zero_pad_centered": Roles({}),
    "zero_pad_averaged": Roles({}),
    "pooled": Roles({}),
    "scaled": Roles({"carry": "factor", "transform": "factor"}),
    "dropout_shortcut": Roles({"rate": "rate"}),
    "projection": Roles({"padding": "side"}),
    "projection_bare": Roles({}),
    "projection_all": Roles({}),
    "projection_preact": Roles({}),
    "projection_resnet_d": Roles({}),
    "highway": Roles({"kernel": "kernel", "bias": "bias"}),
    "exclusive_gate": Roles({"bias": "bias"}),
    "shortcut_gate": Roles({"bias": "bias"}),
    "dropped_identity": Roles({"rate": "rate"}, ("rate",)),
    "dropped_zero_pad": Roles({"rate": "rate"}, ("rate",)),
}
RESIDUAL = {"mid": "filters", "out": "filters", "groups": "divisor", "stride": "stride"}
BLOCKS: dict[str, dict[str, Roles]] = {
    "residual": {
        "basic": Roles({"filters": "filters", "stride": "stride"}, ("filters",), joins=True),
        "bottleneck": Roles({**RESIDUAL, "stride_at": "place"}, ("mid", "out"), joins=True),
        "preact_basic": Roles(
            {"filters": "filters", "stride": "stride", "dropout": "rate", "activate_first": "flag"},
            ("filters",),
            joins=True,
        ),
        "wide_basic": Roles(
            {"filters": "filters", "stride": "stride", "dropout": "rate"}, ("filters",), joins=True
        ),
        "preact_bottleneck": Roles(
            {
                "mid": "filters",
                "out": "filters",
                "stride": "stride",
                "stride_at": "place",
                "activate_first": "flag",
            },
            ("mid", "out"),
            joins=True,
        ),
    },
    "plain": {
        "plain": Roles(
            {"filters": "filters", "kernel": "kernel", "stride": "stride"}, ("filters",), joins=True
        )
    },
    "conv": {
        "conv_bn": Roles(
            {
                "filters": "filters",
                "kernel": "kernels",
                "stride": "stride",
                "padding": "side",
                "act": "activation",
            },
            ("filters",),
        ),
        "sep_bn": Roles(
            {"filters": "filters", "kernel": "kernels", "act": "activation"}, ("filters",)
        ),
    },
    "squeeze_excite": {
        "squeeze_excite": Roles(
            {"ratio": "divisor", "filters": "filters", "act": "activation"}, ("ratio",)
        ),
        "se_basic": Roles(
            {"filters": "filters", "stride": "stride", "ratio": "divisor"},
            ("filters", "ratio"),
            joins=True,
        ),
        "se_bottleneck": Roles(
            {**RESIDUAL, "ratio": "divisor"}, ("mid", "out", "ratio"), joins=True
        ),
    },
    "mobile": {
        "inverted": Roles(
            {
                "filters": "filters",
                "width": "keep",
                "expand": "expand",
                "kernel": "kernel",
                "stride": "stride",
                "fixed_pad": "flag",
                "squeeze_act": "activation",
            },
            ("filters",),
            joins=True,
        ),
        "fused": Roles(
            {
                "filters": "filters",
                "width": "keep",
                "expand": "expand",
                "kernel": "kernel",
                "stride": "stride",
            },
            ("filters",),
            joins=True,
        ),
    },
    "dense": {
        "dense_unit": Roles(
            {"growth": "filters", "width": "count", "dropout": "rate"}, ("growth",)
        ),
        "transition": Roles({"keep": "keep"}),
    },
    "inception": {
        "inception": Roles(
            dict.fromkeys(["one", "reduce3", "three", "reduce5", "five", "pool"], "filters"),
            ("one", "reduce3", "three", "reduce5", "five", "pool"),
        ),
    },
    "convnext": {"convnext": Roles({"kernel": "kernel", "scale": "rate"}, joins=True)},
}
WITHOUT_RULES = ("conv", "dense", "inception")  # libraries that bring no shortcut rules along
