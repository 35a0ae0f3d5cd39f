"""What can be computed from a graph alone: pure functions, without a framework.

Costs, depth, receptive fields and memory; what a head puts out; how two networks differ; warnings;
the claims under `expect`. Imports `graph`, `spec` and `ops`. Gives every figure that the command
line, drawings and training show.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
