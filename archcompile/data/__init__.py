"""Datasets: one file for each source. Nothing here replaces missing data by other data.

`sources.load` is the way in: it resolves a name or a path, loads, fits images to the network and
holds images out; only for a dry run `stand_in` gives the sizes of what is missing. `dataset_checks`
decodes everything once, `downloads` fetches archives, `image` reads what is trained on, `foreign`
any other image. Imports `recipe` for what a recipe asks of data. Needs NumPy, for image files
Pillow too. Gives `Dataset` and `Split` to training, evaluation and verification, `read_any_image`
to prediction, `check` and `fetch` to `archc data`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
