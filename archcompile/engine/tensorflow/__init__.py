"""Training under TensorFlow: the step, the model that it runs, and what feeds it.

`making` brings together what trains a network: `lowering` makes the model that is trained, with
faster layers from `kernels`; `trainer` has the loop and its step on any number of `devices`, with
`losses`, `fused_optimizer` and `sums`; `feed`, `preprocess` and `augment` prepare images;
`evaluator` scores. `process_sums` adds over processes, `platform` says what TensorFlow has here.

Imports what engines share from `engine`, and `graph`, `ops`, `analyses`, `passes`, `keras_model`,
`data` and `recipe`. Its files import TensorFlow, all but `lowering`, `devices` and `platform` at
their top. Offers what `archcompile.engine.Engine` asks for; only `bench`, which measures parts of
it, imports anything else.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
