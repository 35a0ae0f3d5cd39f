"""Training under JAX: the step, the model that it runs, and what feeds it.

`making` brings together what trains a network: `lowering` makes the model, `trainer` has the loop
and its step, a function from one `step_state` to the next, with `losses`, `optimizer` and `sums`,
where memory is short or the network very deep by `segments`, whose variables may be `stacks`;
`feed` brings images; `evaluator` scores; `devices` spreads a batch over what `platform` has, in one
process or several (`processes`); `compile_cache` keeps what XLA has compiled.

Imports what engines share from `engine`, and `graph`, `ops`, `analyses`, `keras_model`, `data` and
`recipe`. Its files import JAX, those that compute at their top, and never TensorFlow. Offers what
`archcompile.engine.Engine` asks for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
