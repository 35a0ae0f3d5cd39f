from .json_schema import Schema as Schema
from .json_schema import document as document
from .json_schema import of_model as of_model
from .known import Known as Known
from .language_schema import library_schema as library_schema
from .language_schema import spec_schema as spec_schema
from .value_places import blame as blame
from .value_places import origins as origins
