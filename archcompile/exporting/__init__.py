"""Networks written for other programs, run there, and kept only if they compute the same.

`api` exports a `subject` in one of `formats` and compares the outputs (`compare`). ONNX is written
here: `onnx_model` puts a graph together with `onnx_builder`, from the table in `onnx_layers`
(`onnx_convolutions`, `onnx_norms`, `onnx_activations`, `onnx_merges`, `onnx_shapes`).

Imports graphs, `keras_model`, `keras_config`, `verification` and run folders. Offers `export`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
