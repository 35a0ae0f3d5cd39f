"""Models of packages from PyPI, without weights, and what comes of importing them.

Run as a script, it builds those of one framework and saves them: `pypi_models.py keras FOLDER`.
"""

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = """
    keras-hub==0.32.0 tokenizers==0.23.3 sentencepiece==0.2.3 regex==2026.11.19
    tf-keras==2.21.0 image-classifiers==1.0.0 keras-applications==1.0.8 efficientnet==1.1.1
    segmentation-models==1.0.1 keras-unet-collection==0.1.13 kecam==1.4.3
    keras-efficientnet-v2==1.2.2
""".split()  # noqa: SIM905 - a list of words
SUFFIXES = {"keras": ".keras", "tf_keras": ".h5"}
SIZE = (64, 64, 3)
FEW = [8, 16, 32, 64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`refusal` are words of the reason why a model does not come in; empty where it does."""

    framework: str
    level: str = "exact"
    refusal: str = ""


IN_3 = Verdict(framework="keras")
IN_2 = Verdict(framework="tf_keras")
CANONICAL_2 = Verdict(framework="tf_keras", level="canonical")


def refusal_because(framework: str, words: str) -> Verdict:
    return Verdict(framework=framework, level="canonical", refusal=words)


MODELS: dict[str, Verdict] = {
    **dict.fromkeys(
        ("hub_resnet_18", "hub_resnet_vd", "hub_vgg", "hub_densenet", "hub_xception"), IN_3
    ),
    "hub_resnet_v2": refusal_because(
        "keras", "keras.ops.Pad"
    ),  # with minus infinity, in front of a pool
    "hub_vit": refusal_because("keras", "ViTPatchingAndEmbedding"),
    "hub_hgnet": refusal_because("keras", "HGNetV2Embeddings"),
    **dict.fromkeys(("classifiers_resnet_18", "classifiers_resnet_34"), IN_2),
    "classifiers_seresnet_18": refusal_because("tf_keras", "Lambda"),
    "efficientnet_b0": refusal_because("tf_keras", "FixedDropout"),
    **dict.fromkeys((f"segmentation_unet_{kind}" for kind in ("vgg16", "mobilenetv2")), IN_2),
    **dict.fromkeys((f"segmentation_linknet_{kind}" for kind in ("resnet18", "vgg16")), IN_2),
    **dict.fromkeys((f"segmentation_fpn_{kind}" for kind in ("resnet18", "mobilenetv2")), IN_2),
    **dict.fromkeys((f"segmentation_pspnet_{kind}" for kind in ("resnet18", "vgg16")), IN_2),
    "segmentation_unet_transposed": IN_2,
    **dict.fromkeys((f"collection_{kind}" for kind in ("unet", "unet_plus", "att_unet")), IN_2),
    **dict.fromkeys((f"collection_{kind}" for kind in ("r2_unet", "u2net", "unet_3plus")), IN_2),
    "collection_resunet_a": refusal_because("tf_keras", "expand_dims"),
    **dict.fromkeys(("kecam_resnet_50d", "kecam_efficientnet_v2", "kecam_tinynet"), CANONICAL_2),
    "kecam_vanillanet": IN_2,
    "kecam_convnext": refusal_because("tf_keras", "ChannelAffine"),
    "kecam_ghostnet": refusal_because("tf_keras", "hard_sigmoid_torch"),
    **dict.fromkeys(("efficientnet_v1_b0", "efficientnet_v2_b0"), CANONICAL_2),
}


def _keras_hub() -> dict[str, Callable[[], Any]]:
    import keras
    from keras_hub import models as hub

    def plain(kind: str, **settings: Any) -> Callable[[], Any]:
        def build() -> Any:
            backbone = getattr(hub, f"{kind}Backbone")(image_shape=SIZE, **settings)
            return keras.Model(backbone.input, backbone.output)

        return build

    stages = {
        "stackwise_num_filters": [64, 128, 256, 512],
        "stackwise_num_blocks": [2, 2, 2, 2],
        "stackwise_num_strides": [1, 2, 2, 2],
    }
    single_stem = {"input_conv_filters": [64], "input_conv_kernel_sizes": [7]}
    triple_stem = {"input_conv_filters": [32, 32, 64], "input_conv_kernel_sizes": [3, 3, 3]}
    basic = {**stages, "block_type": "basic_block", "use_pre_activation": False}
    return {
        "hub_resnet_18": plain("ResNet", **single_stem, **basic),
        "hub_resnet_vd": plain("ResNet", **triple_stem, **basic | {"block_type": "basic_block_vd"}),
        "hub_resnet_v2": plain("ResNet", **single_stem, **basic | {"use_pre_activation": True}),
        "hub_vgg": plain(
            "VGG",
            stackwise_num_repeats=[2, 2, 3, 3, 3],
            stackwise_num_filters=[64, 128, 256, 512, 512],
        ),
        "hub_densenet": plain("DenseNet", stackwise_num_repeats=[6, 12, 24, 16]),
        "hub_xception": plain(
            "Xception",
            stackwise_conv_filters=[[32, 64], [64, 128], [128, 256]],
            stackwise_pooling=[False, True, False],
        ),
        "hub_vit": plain("ViT", patch_size=8, num_layers=2, num_heads=2, hidden_dim=32, mlp_dim=64),
        "hub_hgnet": plain(
            "HGNetV2",
            depths=[1, 1],
            embedding_size=16,
            hidden_sizes=[32, 64],
            stem_channels=[3, 8, 16],
            hidden_act="relu",
            use_learnable_affine_block=False,
            stackwise_stage_filters=[[16, 8, 32, 1, 2, 3], [32, 16, 64, 1, 2, 3]],
            apply_downsample=[False, True],
            use_lightweight_conv_block=[False, False],
        ),
    }


def _of_keras_2() -> dict[str, Callable[[], Any]]:
    return _classifiers() | _segmentation() | _collection() | _kecam()


def _classifiers() -> dict[str, Callable[[], Any]]:
    import tf_keras
    from classification_models.models_factory import ModelsFactory

    parts = ("backend", "layers", "models", "utils")
    modules = {name: getattr(tf_keras, name) for name in parts}
    known = ModelsFactory().models

    def build(name: str) -> Callable[[], Any]:
        return lambda: known[name][0](input_shape=SIZE, weights=None, **modules)

    names = {"resnet_18": "resnet18", "resnet_34": "resnet34", "seresnet_18": "seresnet18"}
    return {f"classifiers_{name}": build(known) for name, known in names.items()}


def _segmentation() -> dict[str, Callable[[], Any]]:
    import efficientnet.tfkeras
    import segmentation_models

    segmentation_models.set_framework("tf.keras")

    def build(kind: str, encoder: str, side: int = 64, **settings: Any) -> Callable[[], Any]:
        return lambda: getattr(segmentation_models, kind)(
            encoder, input_shape=(side, side, 3), encoder_weights=None, classes=2, **settings
        )

    return {
        "efficientnet_b0": lambda: efficientnet.tfkeras.EfficientNetB0(
            weights=None, input_shape=SIZE
        ),
        "segmentation_unet_vgg16": build("Unet", "vgg16"),
        "segmentation_unet_mobilenetv2": build("Unet", "mobilenetv2"),
        "segmentation_unet_transposed": build("Unet", "resnet18", decoder_block_type="transpose"),
        "segmentation_linknet_resnet18": build("Linknet", "resnet18"),
        "segmentation_linknet_vgg16": build("Linknet", "vgg16"),
        "segmentation_fpn_resnet18": build("FPN", "resnet18"),
        "segmentation_fpn_mobilenetv2": build("FPN", "mobilenetv2"),
        "segmentation_pspnet_resnet18": build("PSPNet", "resnet18", 96),
        "segmentation_pspnet_vgg16": build("PSPNet", "vgg16", 96),
    }


def _collection() -> dict[str, Callable[[], Any]]:
    from keras_unet_collection import models

    def build(kind: str, filters: list[int], **settings: Any) -> Callable[[], Any]:
        make = getattr(models, f"{kind}_2d")
        return lambda: make(SIZE, filter_num=filters, n_labels=2, **settings)

    small = {
        "filter_num_up": FEW[:3],
        "filter_mid_num_down": [4, 8, 16],
        "filter_mid_num_up": [4, 8, 16],
        "filter_4f_num": [32],
        "filter_4f_mid_num": [16],
    }
    return {
        "collection_unet": build("unet", FEW),
        "collection_unet_plus": build("unet_plus", FEW),
        "collection_att_unet": build("att_unet", FEW),
        "collection_r2_unet": build("r2_unet", FEW[:3]),
        "collection_u2net": lambda: models.u2net_2d(
            SIZE, n_labels=2, filter_num_down=FEW[:3], **small
        ),
        "collection_unet_3plus": lambda: models.unet_3plus_2d(
            SIZE, n_labels=2, filter_num_down=FEW
        ),
        "collection_resunet_a": build("resunet_a", FEW, dilation_num=[1, 3]),
    }


def _kecam() -> dict[str, Callable[[], Any]]:
    import keras_cv_attention_models as kecam
    import keras_efficientnet_v2 as efficientnet

    def build(make: Callable[..., Any]) -> Callable[[], Any]:
        return lambda: make(pretrained=None, input_shape=SIZE)

    return {
        "kecam_resnet_50d": build(kecam.resnet_family.ResNet50D),
        "kecam_efficientnet_v2": build(kecam.efficientnet.EfficientNetV2B0),
        "kecam_tinynet": build(kecam.mobilenetv3_family.TinyNetE),
        "kecam_vanillanet": build(kecam.vanillanet.VanillaNet5),
        "kecam_convnext": build(kecam.convnext.ConvNeXtTiny),
        "kecam_ghostnet": build(kecam.ghostnet.GhostNet_100),
        "efficientnet_v1_b0": build(efficientnet.EfficientNetV1B0),
        "efficientnet_v2_b0": build(efficientnet.EfficientNetV2B0),
    }


def save_all(framework: str, folder: Path) -> None:
    """Build and save the models of one framework."""
    # efficientnet wants it for images, which are not read here
    for name in ("skimage", "skimage.transform"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["skimage.transform"].resize = None  # type: ignore[attr-defined]
    builders = _keras_hub() if framework == "keras" else _of_keras_2()
    for name, build in builders.items():
        build().save(folder / f"{name}{SUFFIXES[framework]}")


if __name__ == "__main__":
    save_all(sys.argv[1], Path(sys.argv[2]))
