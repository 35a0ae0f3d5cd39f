"""Training speed beside other ways to train the same network.

Contenders take turns on the same machine, each in a process of its own. Imports `engine` and
`training`; PyTorch only where it is installed. Gives measured rows to `archc bench`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
