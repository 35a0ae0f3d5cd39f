"""The table of ops: for each, what is right and what is not.

A row of Good: attributes, input shapes, output shape, weights as (name, shape, trainable),
multiply-adds. All numbers are worked out by hand from the layer's definition. A row of Bad:
attributes and shapes that do not go, and the error's code.
"""

from tests.ops.conv_rows import CONV_ROWS
from tests.ops.row import MAP, Bad, Good, act, channels

ROWS: dict[str, tuple[list[Good], list[Bad]]] = {
    **CONV_ROWS,
    "bn": (
        [
            Good({}, (MAP,), MAP, channels(4, "gamma", "beta", "moving_mean", "moving_variance")),
            Good({"scale": False, "epsilon": 1.001e-5, "momentum": 0.9}, ((12,),), (12,),
                 channels(12, "beta", "moving_mean", "moving_variance")),
            Good({"center": False, "gamma_init": 0}, (MAP,), MAP,
                 channels(4, "gamma", "moving_mean", "moving_variance")),
        ],
        [Bad({"epsilon": 0}, code="out-of-range"), Bad({"momentum": 1.5}, code="out-of-range"),
         Bad({"gamma_init": 0, "scale": False}, code="out-of-range"),
         Bad({"gamma_init": "zeros"}, code="wrong-type"),
         Bad({"scale": "yes"}, code="wrong-type")],
    ),
    "layer_norm": (
        [Good({}, (MAP,), MAP, channels(4, "gamma", "beta")),
         Good({"epsilon": 1e-6, "center": False, "gamma_init": -0.5}, ((7,),), (7,),
              channels(7, "gamma"))],
        [Bad({"epsilon": 0}, code="out-of-range"), Bad({"groups": 2}, code="unknown-key")],
    ),
    "group_norm": (
        [Good({"groups": 2, "gamma_init": 0.0}, (MAP,), MAP, channels(4, "gamma", "beta")),
         Good({"groups": 4, "scale": False, "epsilon": 1e-5}, (MAP,), MAP, channels(4, "beta"))],
        [Bad({"groups": 3}, code="groups-do-not-divide"), Bad({}, code="groups-do-not-divide"),
         Bad({"groups": 0}, code="out-of-range")],
    ),
    "rms_norm": (
        [Good({}, (MAP,), MAP, channels(4, "scale")),
         Good({"epsilon": 1e-3}, ((7,),), (7,), channels(7, "scale"))],
        [Bad({"epsilon": 0}, code="out-of-range"), Bad({"scale": True}, code="unknown-key")],
    ),
    "lrn": (
        [Good({}, (MAP,), MAP),
         Good({"size": 3, "alpha": 0.5, "beta": 0.5, "bias": 2}, (MAP,), MAP)],
        [Bad({"size": 4}, code="out-of-range"), Bad({}, ((4,),)),
         Bad({"bias": 0}, code="out-of-range")],
    ),
    "layer_scale": (
        [Good({"value": 1e-6}, (MAP,), MAP, channels(4, "gamma")),
         Good({"value": 1}, ((5,),), (5,), channels(5, "gamma"))],
        [Bad({}, code="missing-key")],
    ),
    "normalize": (
        [Good({"mean": [0, 1, 2, 3], "variance": [1, 1, 2, 2]}, (MAP,), MAP),
         Good({}, (MAP,), MAP,
              [("mean", (4,), False), ("variance", (4,), False), ("count", (), False)])],
        [Bad({"mean": [0, 1], "variance": [1, 1]}), Bad({"mean": [0]}, code="out-of-range"),
         Bad({"mean": [0, 0, 0, 0], "variance": [1, 1, 0, 1]}, code="out-of-range"),
         Bad({"mean": 0}, code="wrong-type")],
    ),
    "blur_pool": (
        [Good({}, ((7, 6, 4),), (4, 3, 4)), Good({"size": 5, "stride": [1, 4]}, (MAP,), (8, 2, 4)),
         Good({"size": 4, "stride": 1}, ((1, 1, 4),), (1, 1, 4))],
        [Bad({"size": 2}, code="out-of-range"), Bad({"size": 10}, code="out-of-range"),
         Bad({}, ((4,),)), Bad({"size": [3, 3]}, code="wrong-type"),
         Bad({"padding": "same"}, code="unknown-key")],
    ),
    "subsample": (
        [Good({"stride": 2}, ((7, 6, 4),), (4, 3, 4)), Good({"stride": [3, 1]}, (MAP,), (3, 6, 4))],
        [Bad({}, code="missing-key"), Bad({"stride": 2}, ((4,),)),
         Bad({"stride": 0}, code="out-of-range")],
    ),
    "crop": (
        [Good({"size": 1}, (MAP,), (6, 4, 4)), Good({"size": [0, 1, 2, 3]}, (MAP,), (7, 1, 4))],
        [Bad({"size": 3}, code="window-too-large"),
         Bad({"size": [4, 4, 0, 0]}, code="window-too-large"), Bad({"size": 1}, ((4,),))],
    ),
    "pad_channels": (
        [Good({"after": 4}, (MAP,), (8, 6, 8)), Good({"before": 1, "after": 2}, (MAP,), (8, 6, 7))],
        [Bad({"after": 1}, ((4,),)), Bad({"before": -1}, code="out-of-range")],
    ),
    "drop_path": (
        act(drop_rate=0.2) + act(drop_rate=0.5, per="batch", scale_at="test"),
        [Bad({}, code="missing-key"), Bad({"drop_rate": 1}, code="out-of-range"),
         Bad({"drop_rate": 0, "per": "pixel"}, code="wrong-type"),
         Bad({"rate": 0.1}, code="unknown-key")],
    ),
    "max_pool": (
        [
            Good({"size": 2}, ((7, 6, 4),), (3, 3, 4)),
            Good({"size": 3, "stride": 2, "padding": "same"}, ((7, 6, 4),), (4, 3, 4)),
            Good({"size": [2, 3], "stride": [1, 2]}, (MAP,), (7, 2, 4)),
        ],
        [Bad({"size": 9}, code="window-too-large"), Bad({}, code="missing-key"),
         Bad({"size": 2}, ((4,),)),
         Bad({"size": 2, "padding": "symmetric"}, code="wrong-type")],
    ),
    "avg_pool": (
        [Good({"size": [8, 6]}, (MAP,), (1, 1, 4)),
         Good({"size": 3, "stride": 1, "padding": "same"}, (MAP,), MAP)],
        [Bad({"size": [8, 7]}, code="window-too-large"), Bad({"size": 0}, code="out-of-range")],
    ),
    "global_avg_pool": (
        [Good({}, (MAP,), (4,)), Good({"keep_dims": True}, (MAP,), (1, 1, 4))], [Bad({}, ((4,),))]),
    "global_max_pool": (
        [Good({}, (MAP,), (4,)), Good({"keep_dims": True}, (MAP,), (1, 1, 4))], [Bad({}, ((4,),))]),
    "flatten": ([Good({}, (MAP,), (192,)), Good({}, ((5,),), (5,))],
                [Bad({"order": 1}, code="unknown-key")]),
    "reshape": (
        [Good({"shape": [192]}, (MAP,), (192,)), Good({"shape": [4, 2, 1]}, ((8,),), (4, 2, 1))],
        [Bad({"shape": [191]}), Bad({"shape": []}, code="wrong-type"),
         Bad({"shape": [-1]}, code="out-of-range")],
    ),
    "slice_channels": (
        [Good({"channels": 3}, (MAP,), (8, 6, 3)),
         Good({"start": 1, "channels": 2}, (MAP,), (8, 6, 2)),
         Good({"channels": 4}, (MAP,), MAP), Good({"start": 9, "channels": 1}, ((10,),), (1,)),
         Good({"start": 1, "channels": 3}, ((12, 4),), (12, 3))],
        [Bad({"start": 2, "channels": 3}), Bad({"start": 4, "channels": 1}),
         Bad({"channels": 5}, ((4,),)), Bad({"start": 1}, code="missing-key"),
         Bad({"channels": 0}, code="out-of-range"),
         Bad({"start": -1, "channels": 1}, code="out-of-range")],
    ),
    "shuffle_channels": (
        [Good({"groups": 2}, (MAP,), MAP), Good({"groups": 5}, ((10,),), (10,)),
         Good({"groups": 4}, ((12, 8),), (12, 8))],
        [Bad({"groups": 3}, code="groups-do-not-divide"),
         Bad({"groups": 8}, code="groups-do-not-divide"), Bad({}, code="missing-key"),
         Bad({"groups": 0}, code="out-of-range")],
    ),
    "permute": (
        [Good({"axes": ["width", "height", "channels"]}, (MAP,), (6, 8, 4)),
         Good({"axes": ["channels", "height", "width"]}, (MAP,), (4, 8, 6)),
         Good({"axes": ["width", "channels", "height"]}, (MAP,), (6, 4, 8)),
         Good({"axes": ["height", "channels", "width"]}, (MAP,), (8, 4, 6)),
         Good({"axes": ["height", "width", "channels"]}, (MAP,), MAP),
         Good({"axes": ["channels", "tokens"]}, ((12, 4),), (4, 12))],
        [Bad({"axes": ["width", "height", "channels"]}, ((4,),)),
         Bad({"axes": ["channels", "tokens"]}),
         Bad({"axes": ["channels", "tokens"]}, ((4,),)),
         Bad({"axes": ["width", "height", "channels"]}, ((12, 4),)),
         Bad({"axes": ["height", "height", "channels"]}, code="out-of-range"),
         Bad({"axes": ["width", "channels"]}, code="out-of-range"),
         Bad({"axes": []}, code="out-of-range"), Bad({"axes": [1, 0, 2]}, code="wrong-type"),
         Bad({"axes": "width"}, code="wrong-type"), Bad({}, code="missing-key")],
    ),
    "depth_to_space": (
        [Good({"size": 2}, (MAP,), (16, 12, 1)),
         Good({"size": [1, 2]}, ((8, 6, 6),), (8, 12, 3)), Good({"size": 1}, (MAP,), MAP)],
        [Bad({"size": 2}, ((8, 6, 6),)), Bad({"size": 2}, ((4,),)),
         Bad({"size": 0}, code="out-of-range"), Bad({}, code="missing-key")],
    ),
    "space_to_depth": (
        [Good({"size": 2}, (MAP,), (4, 3, 16)), Good({"size": [4, 3]}, (MAP,), (2, 2, 48)),
         Good({"size": 1}, (MAP,), MAP)],
        [Bad({"size": [3, 1]}), Bad({"size": [1, 4]}), Bad({"size": 2}, ((4,),)),
         Bad({"size": 0}, code="out-of-range"), Bad({}, code="missing-key")],
    ),
    "dropout": (
        act(rate=0.2) + act(rate=0),
        [Bad({"rate": 1}, code="out-of-range"), Bad({"rate": -0.1}, code="out-of-range"),
         Bad({}, code="missing-key")],
    ),
    "pad": (
        [Good({"size": 1}, (MAP,), (10, 8, 4)), Good({"size": [0, 1, 2, 3]}, (MAP,), (9, 11, 4))],
        [Bad({"size": 1}, ((4,),)), Bad({"size": [1, 1]}, code="wrong-type"),
         Bad({"size": -1}, code="out-of-range")],
    ),
    "upsample": (
        [Good({"size": 2}, (MAP,), (16, 12, 4)), Good({"size": [1, 3]}, (MAP,), (8, 18, 4)),
         Good({"size": 3, "interpolation": "bilinear"}, (MAP,), (24, 18, 4))],
        [Bad({"size": 2}, ((4,),)), Bad({"size": 0}, code="out-of-range"),
         Bad({"size": 2, "interpolation": "bicubic"}, code="wrong-type")],
    ),
    "resize": (
        [Good({"to": 9}, (MAP,), (9, 9, 4)),
         Good({"to": [15, 3], "interpolation": "nearest"}, (MAP,), (15, 3, 4)),
         Good({"to": [8, 6]}, (MAP,), MAP)],
        [Bad({}, code="missing-key"), Bad({"to": 9}, ((4,),)), Bad({"to": 0}, code="out-of-range"),
         Bad({"to": [1, 2, 3]}, code="wrong-type"),
         Bad({"to": 9, "interpolation": "bicubic"}, code="wrong-type")],
    ),
    "rescale": (act(scale=-1, offset=1) + act(scale=0.5) + act(scale=1.0),
                [Bad({}, code="missing-key"), Bad({"scale": "x"}, code="wrong-type")]),
    "concat": (
        [Good({}, (MAP, (8, 6, 3), MAP), (8, 6, 11)), Good({}, ((3,), (4,)), (7,))],
        [Bad({}, (MAP, (8, 5, 4))), Bad({}, (MAP, (4,))), Bad({}, ((1, 1, 4), (4,)))],
    ),
    "multiply": (
        [Good({}, (MAP, MAP), MAP), Good({}, (MAP, (1, 1, 4)), MAP),
         Good({}, ((1, 1, 4), MAP), MAP),
         Good({}, (MAP, (8, 6, 1)), MAP), Good({}, ((8, 6, 1), (1, 1, 4), MAP), MAP),
         Good({}, ((1, 1, 1), (1, 1, 4)), (1, 1, 4)),
         Good({}, ((8, 6, 1), (1, 1, 1)), (8, 6, 1)), Good({}, ((12, 4), (12, 4)), (12, 4)),
         Good({}, ((1, 1, 4), (1, 1, 4)), (1, 1, 4)), Good({}, ((4,), (4,)), (4,))],
        [Bad({}, (MAP, (1, 1, 1))), Bad({}, (MAP, (4,))), Bad({}, (MAP, (8, 1, 4))),
         Bad({}, (MAP, (4, 3, 4))), Bad({}, ((8, 6, 1), (1, 1, 4))), Bad({}, (MAP, (8, 1, 1))),
         Bad({}, (MAP, (6, 8, 1))), Bad({}, ((2, 2, 1), (1, 1, 4))),
         Bad({}, ((1, 1, 4), (4, 1, 1))), Bad({}, ((4,), (1,))), Bad({}, ((12, 4), (12, 1)))],
    ),
    "leaky_relu": (act() + act(slope=0.01),
                   [Bad({"slope": -1}, code="out-of-range"),
                    Bad({"alpha": 1}, code="unknown-key")]),
    "prelu": (
        [Good({}, (MAP,), MAP, [("alpha", (1, 1, 4), True)]),
         Good({"shared": False, "slope_init": 0.25}, (MAP,), MAP, [("alpha", MAP, True)]),
         Good({}, ((10,),), (10,), [("alpha", (10,), True)])],
        [Bad({"slope": 1}, code="unknown-key"), Bad({"shared": 1}, code="wrong-type"),
         Bad({"slope_init": "zeros"}, code="wrong-type")],
    ),
    "activation": (
        act(kind="hard_swish") + act(kind="leaky_relu"),
        [Bad({"kind": "celu"}, code="wrong-type"), Bad({}, code="missing-key"),
         Bad({"kind": "linear"}, code="wrong-type")],
    ),
    **{kind: ([Good({}, (MAP, MAP), MAP), Good({}, ((3,), (3,), (3,)), (3,))],
              [Bad({}, (MAP, (8, 6, 1))), Bad({}, (MAP, (4,))),
               Bad({"axis": 1}, (MAP, MAP), "unknown-key")])
       for kind in ("add", "average", "maximum")},
    "subtract": ([Good({}, (MAP, MAP), MAP)], [Bad({}, (MAP, (1, 1, 4)))]),
    **{kind: (act(), [Bad({"slope": 1}, code="unknown-key")])
       for kind in ("relu", "relu6", "swish", "gelu", "elu", "selu", "mish", "hard_swish", "tanh",
                    "sigmoid", "hard_sigmoid", "softmax")},
}  # fmt: skip
