"""What may stand in a model that is read.

Only names: nothing that a file names is ever looked up elsewhere.
"""

from collections.abc import Mapping
from typing import Any

# Layers of keras.layers that consist of their config alone: no code, no files, no other layers
# within.
LAYERS = frozenset(
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
    AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add
    AdditiveAttention AlphaDropout Attention Average AveragePooling1D AveragePooling2D
    AveragePooling3D BatchNormalization CenterCrop Concatenate Conv1D Conv1DTranspose Conv2D
    Conv2DTranspose Conv3D Conv3DTranspose Cropping1D Cropping2D Cropping3D Dense
    DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU EinsumDense Embedding Flatten GRU
    GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GroupNormalization GroupQueryAttention Identity InputLayer LSTM LayerNormalization LeakyReLU
    Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum MultiHeadAttention Multiply
    Normalization PReLU Permute RMSNormalization ReLU RepeatVector Rescaling Reshape Resizing
    SeparableConv1D SeparableConv2D SimpleRNN Softmax SpatialDropout1D SpatialDropout2D
    SpatialDropout3D Subtract UnitNormalization UpSampling1D UpSampling2D UpSampling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """.split()  # noqa: SIM905 - a list of words
)
# Layers that change images in training, and return them as they are otherwise. `RandomCrop` is not
# among them: it also crops without training.
AUGMENTATIONS = frozenset(
    """
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast
    RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue
    RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation
    RandomSharpness RandomShear RandomTranslation RandomZoom
    """.split()  # noqa: SIM905 - a list of words
)
# Operations that are written as `x + y`, and the layers that do the same.
OPERATORS = {"ops.Add": "Add", "ops.Subtract": "Subtract", "ops.Multiply": "Multiply"}
LAYER_MODULES = ("keras.layers", "keras.src.layers.")

# Operations are the classes of these modules; those of keras.ops.core, which call functions, are
# not among them.
OPERATION_MODULES = frozenset(
    f"keras.src.ops.{name}" for name in ("numpy", "nn", "math", "linalg", "image")
)

# Modules from which the objects within a layer's config may come.
OBJECT_MODULES = frozenset({"keras.initializers", "keras.regularizers", "keras.constraints"})


# Functions of keras.activations, by which a config names them; any other name is that of somebody's
# own function.
ACTIVATIONS = frozenset(
    """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink
    softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh
    tanh_shrink threshold
    """.split()  # noqa: SIM905 - a list of words
)

NO_OP = "stock, but archc has no op for it"

MODELS = frozenset({"Functional", "Sequential", "Model"})


def is_model(record: Mapping[str, Any]) -> bool:
    """Whether a record is of one of Keras' own model classes.

    A subclass may compute something else.
    """
    module = record.get("module")
    stock = isinstance(module, str) and module.split(".")[0] == "keras"
    return stock and record.get("class_name") in MODELS and _has_own_name(record)


def _has_own_name(record: Mapping[str, Any]) -> bool:
    """Whether no other class is registered for it, which Keras would take instead."""
    return record.get("registered_name") in (None, record.get("class_name"))


def is_stock_layer(record: Mapping[str, Any]) -> bool:
    return is_layer(record.get("module"), record.get("class_name")) and _has_own_name(record)


def is_named_stock(record: Mapping[str, Any]) -> bool:
    """Whether a record is of a class of keras.layers, whether that can be read or not."""
    module = record.get("module")
    return (
        isinstance(module, str)
        and (module == LAYER_MODULES[0] or module.startswith(LAYER_MODULES[1]))
        and _has_own_name(record)
    )


def is_augmentation(record: Mapping[str, Any]) -> bool:
    """Whether a record is of a stock layer that changes images in training alone."""
    return is_named_stock(record) and record.get("class_name") in AUGMENTATIONS


def is_layer(module: object, class_name: object) -> bool:
    known = isinstance(module, str) and (
        module == LAYER_MODULES[0] or module.startswith(LAYER_MODULES[1])
    )
    return known and class_name in LAYERS


def is_operation(module: object, class_name: object) -> bool:
    return module in OPERATION_MODULES and isinstance(class_name, str) and class_name.isidentifier()
