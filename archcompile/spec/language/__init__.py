"""The forms of the language: what a spec is once read, and which files it is made of.

`file_forms` has the keys of a file and what steps, rows and blocks are read into; `from_yaml`
checks maps against such models; `files` finds specs and libraries; `allow` has the warnings;
`problems` collects mistakes. `hints` and `elsewhere` know what a wrong word meant, `self_contained`
writes a spec as one file. Imports `spec.yaml`, `spec.expressions` and `ops`. Gives `Spec` and its
parts to all later rooms, `build` and `Problems` to whatever reads YAML.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
