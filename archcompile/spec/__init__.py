"""The spec language: from YAML text to a network written out op by op.

strict_yaml  text -> tree of values with places      load    file -> Spec (extends, uses, --set)
steps        tree -> steps, rows, blocks             expand  Spec -> ops in their places, with shapes
"""

from archcompile.spec.expansion.scope import Expanded
from archcompile.spec.expansion.walk import expand
from archcompile.spec.language.loading import from_text, load

__all__ = ["Expanded", "expand", "from_text", "load"]
