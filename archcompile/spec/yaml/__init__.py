"""YAML as values that keep their places, changes of such values, and values as YAML.

`strict_yaml` reads text into a `tree` of values, with `yaml_hints` for what is no YAML; `edits`
merges trees and changes them by paths; `write` puts them back as text. Imports no other room of
`spec`. Gives `parse`, `Tree` with its kinds, `fail` and `dump` to whatever reads YAML: specs,
recipes, experiments.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
