from .device_formats import Device as Device
from .device_formats import has_bfloat16 as has_bfloat16
from .examination import Machine as Machine
from .examination import examine as examine
from .speed import measure_seconds as measure_seconds
