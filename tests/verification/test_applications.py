"""Every network of keras.applications comes in, and what comes in verifies as that network.

In a process for each, on one thread, at the smallest size that Keras allows or one near it.
"""

import gc
import json
import sys

import pytest

from tests.records import records_of

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

EXACT = {
    **dict.fromkeys(("MobileNet", "MobileNetV2", "NASNetMobile", "NASNetLarge"), 32),
    **dict.fromkeys(("VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152"), 32),
    **dict.fromkeys(("ResNet50V2", "ResNet101V2", "ResNet152V2"), 32),
    **dict.fromkeys(("DenseNet121", "DenseNet169", "DenseNet201"), 32),
    **dict.fromkeys((f"EfficientNetB{number}" for number in range(8)), 32),
    **dict.fromkeys((f"EfficientNetV2{size}" for size in "SML"), 32),
    **dict.fromkeys((f"EfficientNetV2B{number}" for number in range(4)), 32),
    "Xception": 71,
    "InceptionV3": 75,
    "InceptionResNetV2": 75,
}
# where Keras writes `x + y` and activations that do nothing, or relu6(x + 3) / 6
CANONICAL = {
    **dict.fromkeys(("MobileNetV3Small", "MobileNetV3Large"), 64),
    **dict.fromkeys(
        (f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")), 32
    ),
}
ALL = EXACT | CANONICAL


def prove_import(name: str) -> None:
    """In the child process: one JSON record of the import, and of `verify` of what came in."""
    from archcompile.verification import start_exactly

    start_exactly()
    import keras

    import archcompile
    from archcompile.authoring import import_model

    size, level = ALL[name], "exact" if name in EXACT else "canonical"
    model = f"keras.applications:{name}"
    graph = import_model(model, "imported.yaml", (size, size, 3), level=level).graph
    keras.utils.clear_session()
    gc.collect()  # the largest network takes 4 GB a time
    result = archcompile.verify(graph, model, level=level)
    print(json.dumps({"name": name, "verdict": result.verdict, "reason": result.reason}))


def test_the_table_is_whole() -> None:
    import keras

    functions = {name for name in dir(keras.applications) if name[0].isupper()}
    assert set(ALL) == functions


@pytest.mark.parametrize("name", ALL)
def test_comes_in_and_verifies(name: str) -> None:
    record = records_of(__file__, name)[name]
    assert record["verdict"] == "same", record["reason"]


if __name__ == "__main__":
    prove_import(sys.argv[1])
