"""Training under TensorFlow: the step, the model that it runs, and what feeds it.

`making` brings together what trains a network: `lowering` makes the model that is trained,
`trainer` has the loop and its step on any number of devices; `feed`, `preprocess` and `augment`
prepare images; `evaluator` scores. Its files import TensorFlow, all but `lowering`, `devices` and
`platform` at their top. Offers what `archcompile.engine.Engine` asks for; only
`bench`, which measures parts of it, imports anything else.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
