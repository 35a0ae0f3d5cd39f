from .alternate import measure as measure
from .table import RIGHT as RIGHT
from .table import as_record as as_record
from .table import rows as rows
from .task import AGAINST as AGAINST
from .task import Contender as Contender
from .task import Task as Task
from .task import tasks as tasks
