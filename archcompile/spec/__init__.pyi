from .expansion.scope import Expanded as Expanded
from .expansion.walk import expand as expand
from .loading.whole import from_text as from_text
from .loading.whole import load as load
