"""The files that a drawing is written as: SVG, PNG, PDF, TikZ, HTML, Mermaid, DOT, JSON, text.

`choice` picks one by the suffix of a file. `svg_drawing`, `json_drawing`, `text_drawing`, `mermaid`
and `dot` write a drawing, `png` renders SVG, `pdf` and `tikz` draw its `svg_shapes`. `html` writes
the page (`page_fragments`, with script and style in `page/`), `poster` networks side by side,
`difference_drawing` what differs (`difference_folding`), `settings_drawing` every value in force.

Imports `figure` and `layout`, `graph`, `ops` and `analyses` for words and costs, and `spec` for the
spec that a page shows. Gives finished texts and bytes to the command line.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
