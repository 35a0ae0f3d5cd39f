"""The forms of the language: what keys a file, a block, a row and a step may have.

pydantic models, and the one place that turns pydantic's errors into ours; which files a spec may
reach; the codes of warnings; hints for words of other tools. Imports `yaml` and `expressions`.
Gives `Spec`, `Block`, `Row` and `Step` to the rooms behind it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
