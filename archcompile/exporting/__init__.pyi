from .api import ExportRequest as ExportRequest
from .api import export as export
from .record import ExportRecord as ExportRecord
