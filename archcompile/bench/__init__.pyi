from .alternate import measure as measure
from .contenders import AGAINST as AGAINST
from .table import RIGHT as RIGHT
from .table import as_record as as_record
from .table import rows as rows
from .task import Task as Task
from .task import tasks as tasks
