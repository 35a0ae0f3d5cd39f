from .emitter import SourceStyle as SourceStyle
from .emitter import to_source as to_source
