"""Speed beside other ways to train the same network, or to run it.

`contenders` lists who is measured, with the file that trains its way: `ours`, `ours_on_jax`,
`plain_keras` and `article` (by Keras' `fit`, `by_fit`), `torch_eager` and `torch_compiled` (the
network is in `torch_net`); `convolutions` is the roofline. A `task` has a `common_training`, the
training that all of them do. They take `turns` on the same machine, each in a process of its own
(`contender_process`); `alternate` leads them, `table` compares their times. `deployed` runs a
network in Keras, from exported files and in PyTorch.

Imports `training` and `data` for plans, `engine` and, to time its parts, `engine.tensorflow`;
`machine`, `recipe`, and for PyTorch's network `graph`, `ops`, `analyses`, `keras_model` and
`source`; for deployed networks `api`, `passes` and `exporting`. PyTorch is loaded only by its
contenders. Gives measured rows to `archc bench`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
