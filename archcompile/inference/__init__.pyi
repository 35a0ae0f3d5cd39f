from .evaluation import by_class as by_class
from .evaluation import evaluate as evaluate
from .evaluation import evaluate_ensemble as evaluate_ensemble
from .evaluation import prepared as prepared
from .evaluation import scored as scored
from .evaluation import to_stderr as to_stderr
from .prediction import predict as predict
