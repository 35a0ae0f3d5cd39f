from .expansion.scope import Expanded as Expanded
from .expansion.walk import expand as expand
from .language.loading import from_text as from_text
from .language.loading import load as load
