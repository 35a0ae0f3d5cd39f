"""Families hold for every row of the tables they are made after, not for the defaults of their
files alone.

A row is a spec with settings, the number of trainable parameters, and what was printed for it: in
millions as the paper rounds it (some papers cut off instead, so that the last digit may be one
less), or a whole number from a reference implementation. Where a paper counts the same network
without batch norm's or without biases, the figure agrees all the same at its precision.
"""

from decimal import Decimal

import pytest

import archcompile
from archcompile.analyses.cost import layers, totals

# He et al. 2015, "Deep residual learning", table 6
RESNET = {20: "0.27", 32: "0.46", 44: "0.66", 56: "0.85", 110: "1.7", 1202: "19.4"}
# Zagoruyko and Komodakis 2016, "Wide residual networks", table 4: depth, k
WIDE = {
    (40, 1): "0.6",
    (40, 2): "2.2",
    (40, 4): "8.9",
    (40, 8): "35.7",
    (28, 10): "36.5",
    (28, 12): "52.5",
    (22, 8): "17.2",
    (22, 10): "26.8",
    (16, 8): "11.0",
    (16, 10): "17.1",
}
# Huang et al. 2017, "Densely connected convolutional networks", table 2, DenseNet-BC: depth, growth
DENSE = {(100, 12): "0.8", (250, 24): "15.3", (190, 40): "25.6"}
# Simonyan and Zisserman 2015, table 2: columns A, B, D, E by the convolutions of their stages
VGG = {
    (1, 1, 2, 2, 2): "133",
    (2, 2, 2, 2, 2): "133",
    (2, 2, 3, 3, 3): "138",
    (2, 2, 4, 4, 4): "144",
}


def vgg(counts: tuple[int, ...]) -> str:
    filters = (64, 128, 256, 512, 512)
    return "; ".join(
        f"stages.s{i}=[conv: {{filters: {width}, repeat: {count}}}, max_pool]"
        for i, (width, count) in enumerate(zip(filters, counts, strict=True), start=1)
    )


PRINTED = [  # spec and settings, millions as printed
    *((f"resnet_a; depth={depth}", printed) for depth, printed in RESNET.items()),
    *((f"wrn_28_10; layers={depth}; k={k}", printed) for (depth, k), printed in WIDE.items()),
    *(
        (f"densenet_bc_100_12; depth={depth}; growth={growth}", printed)
        for (depth, growth), printed in DENSE.items()
    ),
    *((f"vgg_19; {vgg(counts)}", printed) for counts, printed in VGG.items()),
    (
        "preact_resnet; depth=164",
        "1.7",
    ),  # He et al. 2016, "Identity mappings in deep residual networks", table 4
    ("resnext_29; groups=8; width=64", "34.4"),  # Xie et al. 2017, table 7
    ("resnext_29; groups=16; width=64", "68.1"),
    ("stochastic_depth_110", "1.7"),  # Huang et al. 2016, table 1: the net of He et al.
    ("highway_19", "2.3"),  # Srivastava et al. 2015, table 1
    ("keras_convnext_tiny", "28.6"),  # Liu et al. 2022, table 1
    ("keras_convnext_tiny; stages.s3.repeat=27", "50.2"),
    ("alexnet", "60"),  # Krizhevsky et al. 2012, section 1
    ("keras_mobilenet_v3_large", "5.4"),  # Howard et al. 2019, table 3
    ("keras_mobilenet_v3_small", "2.5"),
    ("keras_efficientnet_b0", "5.3"),  # Tan and Le 2019, table 2
]

B1_TO_B7 = [
    (1.0, 1.1, 240, 7_794_184),
    (1.1, 1.2, 260, 9_109_994),
    (1.2, 1.4, 300, 12_233_232),
    (1.4, 1.8, 380, 19_341_616),
    (1.6, 2.2, 456, 30_389_784),
    (1.8, 2.6, 528, 43_040_704),
    (2.0, 3.1, 600, 66_347_960),
]

# spec and settings, trainable parameters: the models of the imgclsmob collection, torchvision and
# Keras
WHOLE = [
    ("resnet_a; depth=20; shortcut=projection", 272_474),
    ("resnet_a; depth=56; shortcut=projection", 855_770),
    ("resnet_a; depth=110; shortcut=projection", 1_730_714),
    ("preact_resnet_110; depth=20", 272_282),
    ("preact_resnet_110; depth=56", 855_578),
    ("preact_resnet_110", 1_730_522),
    ("preact_resnet; depth=164", 1_703_258),
    ("preact_resnet; depth=272", 2_816_090),
    ("preact_resnet; depth=542", 5_598_170),
    ("preact_resnet; depth=1001", 10_327_706),
    ("wrn_28_10; layers=16; k=10", 17_116_634),
    ("wrn_28_10", 36_479_194),
    ("wrn_28_10; layers=40; k=8", 35_748_314),
    # the authors project where the number of planes changes, and nowhere else
    ("wrn_28_10; layers=16; k=1", 175_066),
    ("resnext_29; groups=32; width=4", 4_775_754),
    ("resnext_29; groups=16; width=64", 68_155_210),
    ("densenet_bc_100_12; depth=40", 176_122),
    ("densenet_bc_100_12", 769_162),
    ("densenet_bc_100_12; depth=190; growth=40", 25_624_430),
    ("densenet_bc_100_12; depth=250; growth=24", 15_324_406),
    ("se_resnet; depth=20", 274_847),
    ("se_resnet; depth=56", 862_889),
    ("se_resnet; depth=110", 1_744_952),
    ("se_resnet_50", 28_088_024),
    ("se_resnet_50; stages.s3.repeat=23", 49_326_872),
    ("se_resnet_50; stages.s2.repeat=8; stages.s3.repeat=36", 66_821_848),
    ("resnet_18", 11_689_512),
    ("resnet_34", 21_797_672),
    ("resnet_50", 25_557_032),
    ("resnet_101", 44_549_160),
    ("resnet_152", 60_192_808),
    ("alexnet_torchvision", 61_100_840),
    # timm 1.0 and torchvision
    ("resnet_50_d; stages.s3.repeat=23", 44_568_392),
    ("resnet_50_d; stages.s2.repeat=8; stages.s3.repeat=36", 60_212_040),
    ("wide_resnet_50_2; stages.s3.repeat=23", 126_886_696),
    ("conv_mixer_768_32; width=1536; length=20; kernel=9", 51_625_960),
    ("conv_mixer_768_32; width=1024; length=20; kernel=9; patch=14", 24_383_464),
    # keras.applications 3.15.1, of which MobileNet's rows are in its tables of alphas
    ("keras_densenet121; stages.s3.repeat=32; stages.s4.repeat=32", 14_149_480),
    ("keras_densenet121; stages.s3.repeat=48; stages.s4.repeat=32", 20_013_928),
    ("keras_mobilenet_v2; width=0.35", 1_677_128),
    ("keras_mobilenet_v2; width=0.5", 1_968_680),
    ("keras_mobilenet_v2; width=0.75", 2_636_424),
    ("keras_mobilenet_v2; width=1.3", 5_386_792),
    ("keras_mobilenet_v2; width=1.4", 6_108_776),
    ("keras_mobilenet_v3_large; width=0.75", 3_993_528),
    ("keras_mobilenet_v3_small; width=0.75", 2_041_872),
    *(
        (f"keras_efficientnet_b0; width={width}; length={length}; size={size}", count)
        for width, length, size, count in B1_TO_B7
    ),
    ("keras_efficientnet_v2_b0; length=1.1; size=240", 8_141_052),
    ("keras_efficientnet_v2_b0; width=1.1; length=1.2; size=260", 10_096_086),
    ("keras_efficientnet_v2_b0; width=1.2; length=1.4; size=300", 14_358_406),
    ("keras_xception", 22_855_952),  # also in Chollet 2017, table 3
]


def trainable(row: str) -> int:
    name, *sets = row.split("; ")
    return totals(layers(archcompile.compile(name, sets=tuple(sets)))).trainable


@pytest.mark.parametrize(("row", "millions"), PRINTED)
def test_as_printed(row: str, millions: str) -> None:
    count, printed = Decimal(trainable(row)) / 10**6, Decimal(millions)
    unit = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    assert printed - unit / 2 <= count < printed + unit, f"{count} M"


@pytest.mark.parametrize(("row", "count"), WHOLE)
def test_to_the_last_weight(row: str, count: int) -> None:
    assert trainable(row) == count
