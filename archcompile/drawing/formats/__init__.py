"""The files that a drawing is written as: SVG, PNG, HTML, Mermaid, DOT, JSON, text, posters.

`choice` picks one by the suffix of a file. The drawing of a difference is here too. Imports
`figure` and `layout`. Gives finished texts and bytes to the command line and to reports.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
