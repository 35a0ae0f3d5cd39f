"""What `archc verify` and `archc build --weights` are given, and what they answer."""

from tests.conftest import ROOT

V1, V2 = ["resnet_v1", "--set", "depth=8"], ["resnet_v2", "--set", "depth=11"]

# A reference that deviates as a row of tests/verification/deviations.py says, by name.
DEVIATING = """
import keras
from tests.verification.deviations import DIFFERENCES, build, deviating
keras.utils.clear_session()
net, edit, _ = DIFFERENCES[{name!r}]
model = deviating(build(net), edit)
"""
ORACLE = """
import keras
from tests.oracles import article
keras.utils.clear_session()
model = article.resnet_v1(8)
"""
# The config of both stays that of a stock layer.
SCALED_CALL = (
    ORACLE
    + """
layer = model.get_layer("conv2d_4")
plain = layer.call
layer.call = lambda *args, **kwargs: 1.001 * plain(*args, **kwargs)
"""
)
SCALED_CLASS = (
    ORACLE
    + """
class Conv2D(keras.layers.Conv2D):
    def call(self, inputs):
        return 1.001 * super().call(inputs)
Conv2D.__module__ = keras.layers.Conv2D.__module__
model.get_layer("conv2d_4").__class__ = Conv2D
"""
)
FUSED = """
import keras
from keras import layers
x = inputs = keras.Input((8, 8, 3))
x = layers.ZeroPadding2D(1)(x)
x = layers.Conv2D(4, 3)(x)
x = layers.ReLU()(x)
x = layers.Conv2D(5, 1, padding="same", name="wide")(x)
x = x + layers.Activation("linear")(x)
x = layers.Flatten()(layers.AveragePooling2D(8)(x))
model = keras.Model(inputs, layers.Activation("softmax")(layers.Dense(3)(x)))
"""
NESTED = """
import keras
from keras import layers
x = inputs = keras.Input((8, 8, 3))
i = keras.Input((8, 8, 3))
inner = keras.Model(i, layers.Conv2D(4, 3, padding="same", activation="relu")(i), name="inner")
chain = keras.Sequential([layers.Conv2D(5, 1, padding="valid")], name="chain")
x = chain(inner(x))
x = layers.Add()([x, x])
dense = layers.Dense(3, activation="softmax")
tail = keras.Sequential([keras.Input((8, 8, 5)), layers.GlobalAveragePooling2D(), dense])
model = keras.Model(inputs, tail(x))
"""
SPECS = {
    "small.yaml": """\
archc: 1
input: [8, 8, 3]
stem:
  - conv: {filters: 4, kernel: 3, activation: relu}
  - conv: {filters: 5, kernel: 1, padding: valid, name: wide}
  - add: {with: wide}
head: [global_avg_pool, dense: {units: 3, activation: softmax}]
""",
    "eight.yaml": "archc: 1\nextends: resnet_v1\nvars: {depth: 8}\n",
    "one_class.yaml": "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 4, kernel: 3}]\n"
    "head: [global_avg_pool, dense: {units: 1, activation: softmax}]\n",
    "switched_off.yaml": """\
archc: 1
input: [8, 8, 3]
stem:
  - conv: {filters: 4, kernel: 3, name: first}
  - conv: {filters: 4, kernel: 3}
  - rescale: {scale: 0}
  - add: {with: first}
head: [global_avg_pool, dense: {units: 3, activation: softmax}]
""",
    "ops.yaml": """\
archc: 1
input: [8, 8, 4]
stem:
  - lrn: {size: 3}
  - layer_scale: {value: 0.5}
  - drop_path: {drop_rate: 0.5}
  - dropout: {rate: 0.3}
  - depthwise_conv: {kernel: 3}
  - separable_conv: {filters: 6, kernel: 3}
  - pad_channels: {after: 2}
head: [global_avg_pool, dense: {units: 3}]
""",
}
SOURCES = {
    "oracle.py": ORACLE,
    "scaled_call.py": SCALED_CALL,
    "scaled_class.py": SCALED_CLASS,
    "fused.py": FUSED,
    "nested.py": NESTED,
    "broken.py": "1 / 0\n",
    "no_model.py": "model = 3\n",
}

#  name: arguments, exit code, words of the output
ROWS: dict[str, tuple[list[str], int, list[str]]] = {
    "the article's net": (
        [*V1, "--against", "source:oracle.py", "--trust", "-o", "cert.json"],
        0,
        ["same: ", "largest difference is 0.0e+00"],
    ),
    "a saved file": ([*V1, "--against", "oracle.keras"], 0, ["same: "]),
    "a saved file of nested models": (["small.yaml", "--against", "nested.keras"], 0, ["same: "]),
    "nested models": (["small.yaml", "--against", "source:nested.py", "--trust"], 0, ["same: "]),
    "another spec": ([*V1, "--against", "./eight.yaml", "--input", "32,32,3"], 0, ["same: "]),
    "another spec, of other layers": (
        ["plain_20", "--against", "resnet_v1_20"],
        1,
        ["different: ", "specs/"],
    ),
    "ops of several pieces": (
        ["ops.yaml", "--against", "./ops.yaml", "--seed", "3"],
        0,
        ["same: "],
    ),
    "ops of several pieces, from a file": (["ops.yaml", "--against", "ops.keras"], 0, ["same: "]),
    "other spellings, exactly": (
        ["small.yaml", "--against", "source:fused.py", "--trust"],
        1,
        ["different: "],
    ),
    "other spellings": (
        ["small.yaml", "--against", "source:fused.py", "--trust", "--level", "canonical"],
        0,
        ["same: "],
    ),
    "a layer that scales, by its call": (
        [*V1, "--against", "source:scaled_call.py", "--trust"],
        1,
        [
            "different: ",
            "op conv2d_4 (inference): different, 1.0e-03",
            "its counterpart is `s2_b1_conv2` at",
        ],
    ),
    "a layer that scales, by its class": (
        [*V1, "--against", "source:scaled_class.py", "--trust"],
        1,
        ["different: ", "op conv2d_4"],
    ),
    "one class": (
        ["one_class.yaml", "--against", "./one_class.yaml"],
        1,
        ["cannot tell: ", "uninformative"],
    ),
    "a branch switched off": (
        ["switched_off.yaml", "--against", "./switched_off.yaml"],
        0,
        ["same: "],
    ),
    "a lambda": (
        ["small.yaml", "--against", "lambda.keras"],
        2,
        ["cannot be read", "keras.layers.Lambda, stock, but archc has no op for it: 1"],
    ),
    "an unknown activation": (
        ["small.yaml", "--against", "eval.keras"],
        2,
        ["cannot be read", "the function `eval` as `activation`: 1, the first is `act`"],
    ),
    "a layer beyond all memory": (
        [*V1, "--against", "huge.keras"],
        1,
        ["different: ", "units (1000000000000 and 10)"],
    ),
    "no file": (["small.yaml", "--against", "none.keras"], 2, ["there is no file none.keras"]),
    "no trust": (
        ["small.yaml", "--against", "source:fused.py"],
        2,
        ["would run that file", "--trust"],
    ),
    "no source": (
        ["small.yaml", "--against", "source:none.py", "--trust"],
        2,
        ["there is no file"],
    ),
    "a source that breaks": (
        ["small.yaml", "--against", "source:broken.py", "--trust"],
        1,
        ["does not run: ZeroDivisionError"],
    ),
    "a source without a model": (
        ["small.yaml", "--against", "source:no_model.py", "--trust"],
        1,
        ["no Keras model in `model`"],
    ),
    "a reference of another package": (
        ["small.yaml", "--against", "timm:resnet18"],
        2,
        ["there are no references `timm:…`", "keras.applications:NAME, a spec, or source:FILE.py"],
    ),
    "no such application": (
        ["small.yaml", "--against", "keras.applications:VGG6"],
        2,
        ["did you mean `VGG16`?"],
    ),
    "too small for the application": (
        ["small.yaml", "--against", "keras.applications:VGG16"],
        2,
        ["cannot build VGG16"],
    ),
    "a size that is none": (
        ["small.yaml", "--against", "vgg_16", "--input", "8,8"],
        2,
        ["--input 64,64,3"],
    ),
    "a size for a file": (
        ["small.yaml", "--against", "oracle.keras", "--input", "8,8,3"],
        2,
        ["cannot change the size"],
    ),
    "no json": (
        ["small.yaml", "--against", "oracle.keras", "-o", "oracle.keras"],
        2,
        ["a certificate cannot be written as oracle.keras"],
    ),
    "no folder": (
        ["small.yaml", "--against", "oracle.keras", "-o", "none/cert.json"],
        2,
        ["there is no folder none"],
    ),
}
#  a row of tests/verification/deviations.py, now the reference: words of the output
DEVIATIONS = {
    "no bias": "use_bias (False and True)",
    "projection with norm": (
        "the reference has `extra` (BatchNormalization) after `conv2d_5` where the candidate has"
    ),
    "epsilon": "epsilon (0.001001 and 0.001)",
    "momentum": "momentum (0.9 and 0.99)",
    "half the l2": "kernel_regularizer.l2 (5e-05 and 0.0001)",
    "initialiser": "kernel_initializer ('GlorotUniform' and 'HeNormal')",
    "norm behind relu": (
        "the reference has `activation_1` (Activation) after `conv2d_1` where the candidate has"
    ),
    "shortcut before relu": (
        "input 0 of the reference's `conv2d_8` (Conv2D) comes from `activation_3`"
    ),
    "stride on the other conv": "strides ((1, 1) and (2, 2))",
}
BUILDS: dict[str, tuple[list[str], int, list[str]]] = {
    "weights, whole": (
        ["--weights", "net.keras", "--from", "keras.applications:MobileNetV2"],
        0,
        ["wrote"],
    ),
    "weights alone": (
        ["--weights", "net.weights.h5", "--from", "keras.applications:MobileNetV2"],
        0,
        ["wrote"],
    ),
    "of another net": (
        ["--weights", "net.keras", "--from", "keras.applications:VGG16"],
        1,
        ["is not keras.applications:VGG16"],
    ),
    "another net's file": (
        ["--weights", "oracle.keras", "--from", "keras.applications:MobileNetV2"],
        4,
        ["does not hold the weights"],
    ),
    "a damaged file": (
        ["--weights", "cut.weights.h5", "--from", "keras.applications:MobileNetV2"],
        4,
        ["does not hold the weights"],
    ),
    "not finite": (
        ["--weights", "nan.weights.h5", "--from", "keras.applications:MobileNetV2"],
        4,
        ["not finite"],
    ),
    "without --from": (["--weights", "net.keras"], 2, ["belong together"]),
    "from nowhere": (
        ["--weights", "net.keras", "--from", "vgg_16"],
        2,
        ["keras.applications:NAME"],
    ),
    "no weights file": (
        ["--weights", "none.keras", "--from", "keras.applications:MobileNetV2"],
        2,
        ["there is no file"],
    ),
    "a text file": (
        ["--weights", "small.yaml", "--from", "keras.applications:MobileNetV2"],
        2,
        ["not a weights file"],
    ),
    "no model": (
        ["--weights", "net.keras", "--from", "keras.applications:MobileNetV2", "--emit", "graph"],
        2,
        ["--emit keras"],
    ),
}
DOCS = (ROOT / "docs/verify.md").read_text()
EXAMPLE = next(line for line in DOCS.splitlines() if line.startswith("archc verify")).split()[1:]
MOBILE = ["keras_mobilenet_v2", "--set", "size=32"]
