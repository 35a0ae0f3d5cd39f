from .emitter import to_source as to_source
