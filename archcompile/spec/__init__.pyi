from .expansion.walk import expand as expand
from .loading.load_spec import from_text as from_text
from .loading.load_spec import load as load
