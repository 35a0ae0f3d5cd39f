from .api import ExportRequest as ExportRequest
from .api import export as export
from .formats import FORMATS as FORMATS
from .formats import Exported as Exported
from .record import ExportRecord as ExportRecord
