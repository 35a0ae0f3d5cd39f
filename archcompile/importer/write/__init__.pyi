from .document import Document as Document
from .document import flat as flat
from .document import folded as folded
from .document import shortened as shortened
