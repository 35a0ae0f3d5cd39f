from .inexpressible import Inexpressible as Inexpressible
from .translation import is_said as is_said
from .translation import open_input as open_input
from .translation import split_shared_layers as split_shared_layers
from .translation import translate as translate
from .translation import with_input as with_input
