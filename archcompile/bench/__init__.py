"""Training speed beside other ways to train the same network.

`contenders` lists who is measured, with the file that trains its way (`ours`, `plain_keras`,
`article`, `torch_eager`; `convolutions` is the roofline). They take `turns` on the same machine,
each in a process of its own (`child`); `alternate` leads them, `table` compares what they took.

Imports `training` for plans, `engine`, `machine` and `run_folder`; PyTorch only where it is
installed. Gives measured rows to `archc bench`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
