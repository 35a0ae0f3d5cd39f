from .api import export as export
