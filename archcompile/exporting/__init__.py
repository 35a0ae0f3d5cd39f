"""Networks written for other programs, run there, and kept only if they compute the same.

`api` exports a `subject` in one of `formats`; `writing` writes the file, compares the outputs
(`compare`) and keeps it, and `record` is what users must know about it. `scaling` is a run's
preprocessing as layers. ONNX is written here: `onnx_model` puts a graph together with
`onnx_builder`, from the table in `onnx_layers` (`onnx_convolutions`, `onnx_norms`,
`onnx_activations`, `onnx_merges`, `onnx_shapes`). `torch_folder` writes what `source` prints for
PyTorch, and `torch_runner` runs it, as a program of its own.

Imports `archcompile.api`, `graph`, `source`, `ops`, `passes`, `keras_model` and `keras_config`,
`verification` for random weights, `engine` for preprocessing and `run_folder` for runs. Gives
`export` to the command line.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
