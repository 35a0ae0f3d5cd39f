"""Many trainings, described by one file: every spec by every recipe with every seed.

`definition` is the schema of the file; `grid` runs the trainings, each a process of its own, and
reads what it knows of them from the folders of their runs. Imports `training`, `run_folder`,
`report`, `recipe`, `analyses` for depths and `spec` for YAML. Gives `load_experiment` and `grid` to
`archc experiment`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
