from . import definition as definition
from . import run as run
from .definition import find_experiment as find_experiment
from .definition import load as load
from .json_schema import experiment_schema as experiment_schema
from .run import Cell as Cell
from .run import Failure as Failure
from .run import TrainingsFailed as TrainingsFailed
