from .document import Document as Document
from .document import flat as flat
from .document import fold_document as fold_document
from .document import shorten as shorten
