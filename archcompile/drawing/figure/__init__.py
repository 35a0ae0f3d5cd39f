"""What a drawing shows: boxes, edges and frames at one level of detail, without places.

Groups equal units, follows shortcuts past layers, and words the captions. Imports `graph` and
`analyses`. Gives a `Figure` to `layout`, and the wires of contracted graphs to differences.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
