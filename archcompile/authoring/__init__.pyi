from . import claims as claims
from .catalogue import Shipped as Shipped
from .catalogue import list_shipped as list_shipped
from .child import new as new
from .families import Member as Member
from .families import family as family
from .keras_import import Imported as Imported
from .keras_import import import_model as import_model
