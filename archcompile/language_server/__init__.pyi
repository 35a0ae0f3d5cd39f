from .running import serve as serve
