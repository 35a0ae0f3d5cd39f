from .emitter import to_source as to_source
from .torch_calls import PixelScaling as PixelScaling
from .torch_source import TorchSource as TorchSource
from .torch_source import to_torch as to_torch
