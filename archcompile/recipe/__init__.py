"""Recipes: how a network is trained, as YAML. What they say is worked out without a framework.

The schema of a recipe and its sections, learning rates of every step, plateaus, lint, differences.
Imports `spec` for YAML and findings, and `graph`. Gives `Recipe` to `data`, `engine` and
`training`, and captions to reports.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
