"""Runs read from their plain files: tables, curves, comparisons, the page about a run.

`reading` reads a run by the schemas in `records`: JSON, CSV and YAML, no weights. A damaged run is
a line with its reason. `summary` is a run in a line; `groups` puts runs with several seeds
together, and `side_by_side` compares them, in the words of `spec_words` and by the intervals of
`contrasts`; `table_files` writes that for papers. `curves`, `error_curves` and `rate_chart` say
what is drawn; `chart` (`axis`, `legend`) draws it, for pages and, with `chart_file`, for SVG and
PNG files. `page` is put together from `page_sections`, `chart` and `markup`. `scores`, `classes`
and `mistakes` say how a run does on its test images; `formatting` writes figures.

Imports `run_files`, `recipe`, `spec` and `drawing`. Gives rows, charts and pages to the command
line, `training` and `experiments`, and what scores consist of to `inference`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
