"""The specs called `keras_…`, and VGG, are the networks of keras.applications, at a reduced size of
the image.

Layers, settings and wiring of two in every run; of all, with their numbers, when there is time
(`thorough`). In a process of its own, on one thread. The numbers of one are compared in every run
by tests/cli/test_verify.py, which gives it the weights of the other.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.records import records_of

pytestmark = pytest.mark.keras

ROOT = Path(__file__).resolve().parents[2]
#  spec: name in keras.applications, size, calls of layers and operations
EVERY_RUN = {
    "vgg_16": ("VGG16", 32, 23),
    "keras_mobilenet_v2": ("MobileNetV2", 32, 156),
}
FURTHER = {
    "keras_resnet50v2": ("ResNet50V2", 32, 192),
    "keras_resnet50": ("ResNet50", 32, 177),
    "keras_densenet121": ("DenseNet121", 32, 429),
    "keras_efficientnet_b0": ("EfficientNetB0", 32, 240),
    "keras_resnet101": ("ResNet101", 32, 347),
    "keras_resnet152": ("ResNet152", 32, 517),
    "keras_resnet101v2": ("ResNet101V2", 32, 379),
    "keras_resnet152v2": ("ResNet152V2", 32, 566),
    "vgg_19": ("VGG19", 32, 26),
    "keras_xception": ("Xception", 71, 134),
    "keras_inception_v3": ("InceptionV3", 75, 313),
    "nasnet_mobile": ("NASNetMobile", 32, 771),
}
# where Keras spells hard_sigmoid as relu6(x + 3) / 6, and keeps the axes of a global pool
CANONICAL = {
    "keras_mobilenet_v3_large": ("MobileNetV3Large", 64, 210),
    "keras_mobilenet_v3_small": ("MobileNetV3Small", 64, 182),
}
ALL = EVERY_RUN | FURTHER | CANONICAL


def prove_all(*names: str) -> None:
    """In the child process: one JSON record for each spec; numbers, too, for those that are marked
    with `+`.
    """
    from archcompile.verification.exact_start import start_exactly

    start_exactly()
    import keras

    import archcompile
    from archcompile.verification.match import match
    from archcompile.verification.output_order import ModelsDiffer
    from archcompile.verification.proof import LEVELS, WORDS, prove
    from archcompile.verification.proof_sides import of_graph, reference

    for marked in names:
        keras.utils.clear_session()
        name = marked.removesuffix("+")
        application, size, _ = ALL[name]
        level = "canonical" if name in CANONICAL else "exact"
        graph = archcompile.compile(name, sets=[f"input=[{size}, {size}, 3]"])
        sides = (
            of_graph(graph),
            reference(
                f"keras.applications:{application}",
                graph.input_shape,
                False,
                compile_text=archcompile.compile,
            ),
        )
        record: dict[str, Any] = {"name": marked, "layers": len(sides[1].net.calls)}
        if marked.endswith("+"):
            proof = prove(*sides, level)
            record |= {"verdict": WORDS[proof.verdict], "reason": proof.reason}
            record |= {"largest": proof.report.worst.difference if proof.report else None}
        else:
            try:
                match(*(LEVELS[level](side.net) for side in reversed(sides)))
                record |= {"verdict": "same", "reason": ""}
            except ModelsDiffer as error:
                record |= {"verdict": "different", "reason": error.message}
        print(json.dumps(record), flush=True)


@pytest.fixture(scope="module")
def records() -> dict[str, Any]:
    return records_of(__file__, *EVERY_RUN)


@pytest.mark.parametrize("name", EVERY_RUN)
def test_exactly_keras_applications(records: dict[str, Any], name: str) -> None:
    record = records[name]
    assert (record["verdict"], record["layers"]) == ("same", EVERY_RUN[name][2]), record["reason"]


@pytest.mark.thorough
@pytest.mark.parametrize("name", ALL)
def test_in_numbers_too(name: str) -> None:
    record = records_of(__file__, f"{name}+")[f"{name}+"]
    assert (record["verdict"], record["layers"]) == ("same", ALL[name][2]), record["reason"]
    if name == "keras_mobilenet_v2":
        assert record["largest"] <= 1e-6, record["reason"]


if __name__ == "__main__":
    prove_all(*sys.argv[1:])
