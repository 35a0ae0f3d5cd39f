"""Proof that two Keras models are the same: layers, wiring and numbers.

`compared_steps` and `canonical` say what is compared, `match` pairs the steps (`step_hashes`,
`isomorphism`) or says what differs (`difference`, `output_order`). `numerics` compares what both
compute (`judgement`, `report`), with `random_weights`, `run_steps` and `zeros`. `proof` does all of
it and writes a certificate; `proof_sides` knows what can be compared; `weight_transfer` copies a
file's weights to a model. `pytorch_side` makes a side of a network of PyTorch, `pytorch_numbers`
compares with what PyTorch computes, `pytorch_weights` copies its weights.

Imports `graph`, `ops`, `passes`, `keras_model`, `keras_config`, `torch_graph` and, of `importer`,
the sizes of open inputs; most of it loads Keras and TensorFlow. Gives `prove` and its two sides to
`archc verify` and to imports, `carry` and `carry_from_pytorch` to `archc build`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
