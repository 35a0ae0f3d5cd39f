"""Training under TensorFlow: the step, the model that it runs, and what feeds it.

`lowering` makes the model that is trained, `trainer` has the loop and its step on any number of
devices; `feed`, `preprocess` and `augment` prepare images; `evaluator` scores. Its files import
TensorFlow, all but `lowering`, `devices` and `optimizer` at their top. Gives `Trainer` and
`Evaluator` to `training` and `inference`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
