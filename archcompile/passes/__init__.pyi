from .drop_dead_bias import dead_biases as dead_biases
from .feature_extraction import features as features
from .named import run as run
from .named import wanted as wanted
