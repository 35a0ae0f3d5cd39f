from .server import StudioRequest as StudioRequest
from .server import start as start
