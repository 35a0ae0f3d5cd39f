"""An interpreter of the spec language, written from docs/language.md, docs/language-details.md and
docs/ops.md alone; it imports nothing of archcompile.
"""

from .errors import IllFormed
from .files import Files, interpret_files
from .net import Net, Node
from .reader import parse

__all__ = ["Files", "IllFormed", "Net", "Node", "interpret_files", "parse"]
