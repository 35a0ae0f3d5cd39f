from .layers import Inexpressible as Inexpressible
from .translation import open_input as open_input
from .translation import translate as translate
from .translation import unshared as unshared
from .translation import with_input as with_input
