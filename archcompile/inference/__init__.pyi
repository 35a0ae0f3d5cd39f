from .evaluation import by_class as by_class
from .evaluation import evaluate as evaluate
from .evaluation import evaluate_ensemble as evaluate_ensemble
from .evaluation import load_subject as load_subject
from .evaluation import score as score
from .prediction import predict as predict
