"""Checks of a spec before its values are known, and where a mistake is reported.

`known_names` and `usage` check whole specs, `attributes` a single op. `value_sources` follows a
value to where its user gave it and moves mistakes there. `class_settings` knows how to set the
number of classes. Imports `yaml`, `expressions` and `language`, and `ops`. Gives checks to
`loading`, sources to `expansion` and `graph`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
