from . import claims as claims
from .catalogue import shipped as shipped
from .child import new as new
from .families import family as family
from .imported import Imported as Imported
from .imported import import_model as import_model
