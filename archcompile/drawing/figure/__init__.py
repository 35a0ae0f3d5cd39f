"""What a drawing shows: boxes, edges and frames at one level of detail, without places.

`boxes` has the parts of a `Figure`, `levels` makes one from a graph (`drawn_layers`, `contraction`,
`called_blocks`). `repeats` finds equal units, `shortcuts` and `bridges` follow edges past layers,
`captions` has the words.
Imports `graph`, `ops` and `analyses`. Gives a `Figure` to `layout` and `formats`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
