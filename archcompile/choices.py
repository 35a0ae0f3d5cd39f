"""Words that options, recipes and several rooms have in common."""

from typing import Literal

Level = Literal["stage", "block", "layer"]  # what a row of a table or a box of a drawing is
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]  # Keras' names for its policies
# how much an optimizer keeps: 2, 1 or 0 values per weight
OptimizerMemory = Literal["adam", "momentum", "sgd"]
EngineName = Literal["tensorflow", "jax"]  # the framework that trains
FIRST_ENGINE: EngineName = "tensorflow"  # that of runs which do not say
CheckpointName = Literal["last", "best", "averaged"]  # of a run
# views of a test image whose predictions are averaged
TestViews = Literal["flip", "crops", "flip-crops"]
# what computes a step: stock layers, faster ones that compute the same, or what XLA compiles
Kernels = Literal["portable", "fused", "xla"]
ExportFormat = Literal["source", "keras", "saved_model", "onnx", "litert", "torch"]
SourceStyle = Literal["article", "flat"]  # functions and loops, or one line per layer
DrawnStyle = Literal["paper", "full", "poster"]  # weights, pools and merges; all layers; networks
