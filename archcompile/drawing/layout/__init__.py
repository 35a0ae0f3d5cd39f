"""Where a figure goes: rows and columns, then pixels and the way of every edge.

`layout_grid` packs chains and lanes beside the trunk, `page_columns` cuts a tall grid into pages,
`routes` gives pixels, with the tracks of `channels` and the `sizes` of boxes and text. Imports
`figure` alone. Gives a `Placed` figure to `formats`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
