from .document import Document as Document
from .document import flatten_document as flatten_document
from .document import fold_document as fold_document
from .document import shorten as shorten
