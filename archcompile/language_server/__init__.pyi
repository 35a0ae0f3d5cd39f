from .connection import serve as serve
