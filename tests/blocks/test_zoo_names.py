"""The networks whose file names are fixed: each ships, and `archc list` shows it below its
family.
"""

import json

from tests.command_line import Archc

NAMES = [
    # the article's
    *(f"resnet_v1_{depth}" for depth in (20, 32, 44, 56, 110, 1202)),
    *(f"resnet_v2_{depth}" for depth in (20, 29, 56, 110, 164, 1001)),
    # CIFAR, from the papers
    *(f"plain_{depth}" for depth in (20, 32, 44, 56, 110)),
    *(f"resnet_a_{depth}" for depth in (20, 32, 44, 56, 110, 1202)),
    *(f"preact_resnet_{depth}" for depth in (110, 164, 1001)),
    "highway_19",
    "wrn_28_10",
    "resnext_29_8x64d",
    "resnext_29_16x64d",
    "se_resnet_20",
    "se_resnet_110",
    "stochastic_depth_110",
    "densenet_bc_100_12",
    "preact_resnet_18",
    # ImageNet
    "plain_18",
    "plain_34",
    *(f"resnet_{depth}" for depth in (18, 34, 50, 101, 152)),
    "resnet_34_a",
    "resnet_34_b",
    "resnet_34_c",
    "vgg_16",
    "vgg_19",
    "alexnet",
    "alexnet_torchvision",
    # exactly keras.applications
    *(f"keras_resnet{depth}{version}" for version in ("", "v2") for depth in (50, 101, 152)),
    "keras_mobilenet_v2",
    "keras_densenet121",
    "keras_efficientnet_b0",
]
HEADS = {  # what a family is called where that is not the beginning of the name
    **dict.fromkeys([f"plain_{depth}" for depth in (20, 32, 44, 56, 110)], "resnet_a"),
    "stochastic_depth_110": "resnet_a",
    **dict.fromkeys(
        [name for name in NAMES if name.startswith(("resnet_1", "resnet_3", "resnet_5"))],
        "resnet_50",
    ),
    "plain_18": "resnet_50",
    "plain_34": "resnet_50",
    "vgg_16": "vgg_19",
    "preact_resnet_18": "preact_resnet_18",
    "keras_resnet101": "keras_resnet50",
    "keras_resnet152": "keras_resnet50",
    "keras_resnet101v2": "keras_resnet50v2",
    "keras_resnet152v2": "keras_resnet50v2",
}
FAMILIES = ("resnet_v1", "resnet_v2", "resnet_a", "preact_resnet", "resnext_29", "se_resnet")


def head(name: str) -> str:
    return HEADS.get(name) or next((prefix for prefix in FAMILIES if name.startswith(prefix)), name)


def test_archc_list_shows_them_by_family(archc: Archc) -> None:
    assert len(set(NAMES)) == len(NAMES) == 58
    family = {
        spec["name"]: spec["family"] for spec in json.loads(archc("list", "--json").out)["specs"]
    }
    assert {name: family.get(name) for name in NAMES} == {name: head(name) for name in NAMES}
    above, shown = "", {}
    for line in archc("list").out.splitlines():
        name = line.split()[0]
        above = above if line.startswith(" ") else name
        shown[name] = above
    assert {name: shown.get(name) for name in NAMES} == {name: head(name) for name in NAMES}
