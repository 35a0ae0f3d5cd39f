from . import errors as errors
from .api import LayerGraph as LayerGraph
from .api import compile as compile  # noqa: A004 - the contract's name
from .api import compile_text as compile_text
from .interface import compare as compare
from .interface import cost as cost
from .interface import diff as diff
from .interface import draw as draw
from .interface import evaluate as evaluate
from .interface import export as export
from .interface import list_specs as list_specs
from .interface import load_run as load_run
from .interface import predict as predict
from .interface import runs as runs
from .interface import summary as summary
from .interface import train as train
from .interface import verify as verify

__version__: str

def load_ipython_extension(ipython: object) -> None: ...
