from .bare_outputs import logits as logits
from .drop_dead_bias import dead_biases as dead_biases
from .feature_extraction import features as features
from .running import PASSES as PASSES
from .running import parse_names as parse_names
from .running import run as run
