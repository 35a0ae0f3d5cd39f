from .devices import Device as Device
from .devices import has_bfloat16 as has_bfloat16
from .examination import Machine as Machine
from .examination import examine as examine
from .speed import measure_seconds as measure_seconds
