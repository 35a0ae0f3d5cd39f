"""What `import` sets aside of a model, and says so: augmentation, seeds, initial values."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.keras

OWN_SEED = "set aside: the seeds of s; a run has one for all of them"
OWN_VALUES = "set aside: the initial values of c; the spec has Keras' own"


def import_layers(keras: Any, path: Path, layers: Any, **options: Any) -> Any:
    from archcompile.authoring.keras_import import import_model

    keras.Sequential([keras.Input((8, 8, 3)), *layers]).save(path)
    return import_model(str(path), "spec.yaml", **options)


def kinds(imported: Any) -> list[str]:
    return [node.op.kind for node in imported.graph]


def test_augmentation_and_seeds(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    augment = keras.Sequential(
        [layers.RandomFlip("horizontal", name="flip"), layers.RandomZoom(0.1, seed=2, name="zoom")],
        name="augment",
    )
    drawn = keras.initializers.HeNormal(seed=3)
    imported = import_layers(
        keras,
        tmp_path / "a.keras",
        [
            augment,
            layers.Conv2D(2, 3, kernel_initializer=drawn, name="c"),
            layers.Dropout(0.5, seed=1, name="d"),
            layers.ReLU(negative_slope=0.1),
        ],
    )
    assert kinds(imported) == ["input", "conv", "dropout", "leaky_relu"]
    notes = [
        "set aside: augment/flip, augment/zoom, which augment images; a recipe does that",
        "set aside: the seeds of c, d; a run has one for all of them",
    ]
    assert list(imported.notes) == notes
    certificate = imported.proof.certificate()
    assert notes in [side.get("set_aside") for side in certificate.values() if type(side) is dict]


def test_a_random_crop_stays_a_layer_that_nothing_says(keras: Any, tmp_path: Path) -> None:
    """It crops without training, too."""
    from archcompile.importer import Inexpressible

    with pytest.raises(Inexpressible, match="RandomCrop"):
        layers = keras.layers
        import_layers(keras, tmp_path / "a.keras", [layers.RandomCrop(4, 4), layers.Conv2D(1, 1)])


def test_initial_values_are_set_aside_on_request(keras: Any, tmp_path: Path) -> None:
    from archcompile.importer import Inexpressible

    shifted = keras.initializers.RandomNormal(mean=0.5, stddev=0.1)
    seeded = keras.initializers.HeNormal(seed=3)  # its values can be said
    layers = [
        keras.layers.Conv2D(2, 3, kernel_initializer=seeded, name="s"),
        keras.layers.Conv2D(2, 3, kernel_initializer=shifted, name="c"),
    ]
    with pytest.raises(Inexpressible) as caught:
        import_layers(keras, tmp_path / "a.keras", layers)
    assert caught.value.hint == "--ignore-initialisers takes Keras' own initial values"
    imported = import_layers(keras, tmp_path / "b.keras", layers, ignore_initialisers=True)
    assert imported.notes == (OWN_SEED, OWN_VALUES)
    inits = [node.op.init for node in imported.graph if node.op.kind == "conv"]
    assert inits == ["he_normal", "glorot_uniform"]


def test_arithmetic_with_numbers(keras: Any, tmp_path: Path) -> None:
    """`x / 127.5 - 1` and its like are layers at the canonical level, and there alone."""
    from archcompile.authoring.keras_import import import_model
    from archcompile.importer import Inexpressible

    x = keras.Input((8, 8, 3))
    y = 1 - (2 * keras.layers.Conv2D(2, 3)(x / 127.5 - 1) + 3)
    path = tmp_path / "a.keras"
    keras.Model(x, y).save(path)
    with pytest.raises(Inexpressible) as caught:
        import_model(str(path), "spec.yaml")
    assert caught.value.hint == "--level canonical takes all of these"
    graph = import_model(str(path), "spec.yaml", level="canonical").graph
    lines = [(node.op.scale, node.op.offset) for node in graph if node.op.kind == "rescale"]
    assert lines == [(1 / 127.5, 0), (1, -1), (2, 0), (1, 3), (-1, 1)]


def test_a_task_of_keras_hub_names_its_backbone(tmp_path: Path) -> None:
    from archcompile.keras_config import UnknownLayers, read_model

    record = {
        "module": "keras_hub.src.models.resnet.resnet_image_classifier",
        "class_name": "ResNetImageClassifier",
        "registered_name": "keras_hub>ResNetImageClassifier",
        "config": {"name": "task", "layers": [], "input_layers": [], "output_layers": []},
    }
    with pytest.raises(UnknownLayers) as caught:
        read_model(record)
    assert "task.backbone" in str(caught.value.hint)
