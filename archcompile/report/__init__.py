"""Runs read from their plain files: tables, curves, comparisons, the page about a run.

Reads JSON, CSV and YAML by schemas of its own and no weights: a damaged run is a line with its
reason. Imports `run_files`, `recipe` and `spec`; matplotlib where it draws. Gives rows and pages
to the command line, `training` and `experiments`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
