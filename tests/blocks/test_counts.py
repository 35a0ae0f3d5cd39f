"""What ships in specs/: every count is the reference's, every residual net has a plain twin."""

import pytest

import archcompile
from archcompile.analyses.cost import layers, totals
from archcompile.analyses.depths import depth
from archcompile.shipped import shipped_specs
from tests.conftest import shipped_graph, shipped_params

# ---- counts --------------------------------------------------------------------------------------

# name -> depth, trainable parameters, million multiply-adds: the papers', the references' and
# Keras' own counts
COUNTS = {
    "resnet_v1_20": (20, 273066, 40.81),
    "resnet_v1_32": (32, 467946, 69.12),
    "resnet_v1_44": (44, 662826, 97.44),
    "resnet_v1_56": (56, 857706, 125.75),
    "resnet_v1_110": (110, 1734666, 253.15),
    "resnet_v1_1202": (1202, 19468746, 2829.50),
    "resnet_v2_20": (20, 570602, 66.24),
    "resnet_v2_29": (29, 843786, 97.96),
    "resnet_v2_56": (56, 1663338, 193.12),
    "resnet_v2_110": (110, 3302442, 383.44),
    "resnet_v2_164": (164, 4941546, 573.75),
    "resnet_v2_1001": (1001, 30347658, 3523.66),
    "plain_20": (20, 269722, 40.55),
    "plain_32": (32, 464154, 68.86),
    "plain_44": (44, 658586, 97.17),
    "plain_56": (56, 853018, 125.49),
    "plain_110": (110, 1727962, 252.89),
    "resnet_a_20": (20, 269722, 40.55),
    "resnet_a_32": (32, 464154, 68.86),
    "resnet_a_44": (44, 658586, 97.17),
    "resnet_a_56": (56, 853018, 125.49),
    "resnet_a_110": (110, 1727962, 252.89),
    "resnet_a_1202": (1202, 19421274, 2829.24),
    "preact_resnet_110": (110, 1730522, 253.15),
    "preact_resnet_164": (164, 1703258, 244.50),
    "preact_resnet_1001": (1001, 10327706, 1487.85),
    "highway_19": (19, 2256838, 330.83),
    "wrn_28_10": (26, 36479194, 5243.33),
    "resnext_29_8x64d": (29, 34426698, 5387.27),
    "resnext_29_16x64d": (29, 68155210, 10688.87),
    "se_resnet_20": (20, 274847, 40.82),
    "se_resnet_110": (110, 1744952, 253.16),
    "stochastic_depth_110": (110, 1732010, 252.89),
    "densenet_bc_100_12": (100, 769162, 287.93),
    "preact_resnet_18": (18, 11171146, 555.42),
    "plain_18": (18, 11515688, 1794.81),
    "plain_34": (34, 21623848, 3644.49),
    "resnet_18": (18, 11689512, 1814.07),
    "resnet_34": (34, 21797672, 3663.76),
    "resnet_50": (50, 25557032, 4089.18),
    "resnet_101": (101, 44549160, 7801.41),
    "resnet_152": (152, 60192808, 11513.63),
    "se_resnet_50": (50, 28088024, 4091.70),
    "resnet_34_a": (34, 21623848, 3644.49),
    "resnet_34_b": (34, 21797672, 3663.76),
    "resnet_34_c": (34, 22716840, 3830.75),
    "vgg_16": (16, 138357544, 15470.26),
    "vgg_19": (19, 143667240, 19632.06),
    "alexnet": (8, 60965224, 724.41),
    "alexnet_torchvision": (8, 61100840, 714.19),
    "keras_resnet50": (50, 25583592, 3857.97),
    "keras_resnet101": (101, 44601832, 7570.19),
    "keras_resnet152": (152, 60268520, 11282.42),
    "keras_resnet50v2": (50, 25568360, 3482.26),
    "keras_resnet101v2": (101, 44577896, 7194.48),
    "keras_resnet152v2": (152, 60236904, 10906.70),
    "keras_mobilenet_v2": (53, 3504872, 300.77),
    "keras_mobilenet_v3_large": (48, 5483032, 216.59),
    "keras_mobilenet_v3_small": (36, 2542856, 56.51),
    "keras_xception": (37, 22855952, 8357.40),
    "keras_inception_v3": (48, 23817352, 5713.22),
    "keras_convnext_tiny": (59, 28589128, 4455.53),
    "googlenet": (22, 6998552, 1582.67),
    "keras_efficientnet_v2_b0": (60, 7139704, 718.09),
    "resnet_50_fpn": (51, 26852416, 6929.10),
    "keras_densenet121": (121, 7978856, 2834.16),
    "keras_efficientnet_b0": (50, 5288548, 385.81),
    # torchvision's
    "wide_resnet_50_2": (50, 68883240, 11398.02),
    "regnet_x_400mf": (68, 5495976, 413.81),
    "regnet_y_400mf": (50, 4344144, 401.84),
    "regnet_x_3_2gf": (77, 15296552, 3176.62),
    "regnet_y_8gf": (53, 39381472, 8473.07),
    "shufflenet_v2_x1_0": (51, 2278604, 144.91),
    "deeplab_v3_resnet_50": (53, 39638869, 168731.21),
    # timm's
    "resnet_50_d": (52, 25576264, 4328.82),
    "conv_mixer_768_32": (66, 21110248, 20676.85),
    "mlp_mixer_b16": (50, 59880472, 12601.77),
    "mlp_mixer_s16": (34, 18528264, 3776.96),
    "sk_resnet_50": (50, 25803160, 4089.42),
    "cbam_resnet_50": (50, 28073576, 4095.57),
    "ghostnet": (72, 5182508, 141.15),
    "hrnet_w18": (101, 21299004, 4283.54),
    # Keras', and two written anew after their papers' figures
    "nasnet_mobile": (58, 5289978, 563.64),
    # torchvision's ResNet-50 with attention as Keras has it
    "botnet_50": (53, 21624872, 4050.65),
    "unet": (23, 31036546, 192384.34),
    "resnet_9": (9, 6573120, 379.26),
}
FAMILIES = {"resnet_v1", "resnet_v2", "resnet_a", "preact_resnet", "resnext_29", "se_resnet"}


def test_the_counts_are_of_all_that_ships() -> None:
    assert set(COUNTS) | FAMILIES == shipped_specs().keys()


@pytest.mark.parametrize("name", shipped_params(COUNTS))
def test_counts(name: str) -> None:
    graph = shipped_graph(name)
    sums = totals(layers(graph))
    assert (depth(graph), sums.trainable, round(sums.macs / 1e6, 2)) == COUNTS[name]


# ---- plain twins ---------------------------------------------------------------------------------

WITHOUT = (
    *("plain", "vgg", "alexnet", "densenet", "keras_densenet", "googlenet", "keras_inception"),
    *("nasnet", "shufflenet", "unet"),
)
RESIDUAL = [
    name
    for name in COUNTS
    if not name.startswith(WITHOUT) and not name.endswith(("_1202", "_1001"))
]


@pytest.mark.parametrize("name", RESIDUAL)
def test_plain_twin(name: str) -> None:
    """Without its shortcuts a net has the same nodes, but for those of the rules."""
    graph, twin = shipped_graph(name), archcompile.compile(name, sets=("shortcut=none",))
    assert graph.joins and not twin.joins
    assert list(twin.nodes) == [node.name for node in graph if node.origin.rule is None]


def test_the_twin_of_a_net_is_its_plain_net() -> None:
    assert (
        archcompile.compile("resnet_a_20", sets=("shortcut=none",)).hash
        == shipped_graph("plain_20").hash
    )
    assert (
        archcompile.compile("resnet_34", sets=("shortcut=none",)).hash
        == shipped_graph("plain_34").hash
    )
