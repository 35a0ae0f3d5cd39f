"""From files to a `Spec`: how files are merged, settings applied, and steps and blocks read.

`load_spec` is the way in. `chain` reads a file with all that it extends and uses, `order` puts its
stages in order, `command_settings` applies `--set`; `blocks` and `steps` read what they hold, in
the words of `vocabulary`. `kinds` tells specs from other files. Imports `yaml`, `expressions`,
`language`, `check` and `ops`. Gives `load` and `from_text`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
