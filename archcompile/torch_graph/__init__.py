"""Networks of PyTorch as plain data: traced, and translated to stock Keras layers.

`references` says what names a network. `process` starts `torch_process`, a program of its own,
which builds the network, traces it by `torch.export` and runs it. `aten` is the graph that comes
back; `aten_translation` makes a `Net` of it, with an operation's function in one of the `aten_`
files (`operations` lists them), on tensors whose axes Keras holds in another order (`stored`,
`axes`). `weight_turns` knows how a weight of either lies in the other.

Imports `ops` for what `same` adds, and `keras_config` for `Net`. Gives networks, weights and runs
in PyTorch to `verification` and `authoring`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
