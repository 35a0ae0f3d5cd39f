from . import grid as grid
from .definition import experiment_of as experiment_of
from .definition import find_experiment as find_experiment
from .definition import load_experiment as load_experiment
from .experiment_json_schema import experiment_schema as experiment_schema
from .grid import Cell as Cell
from .grid import Failure as Failure
from .grid import TrainingsFailed as TrainingsFailed
