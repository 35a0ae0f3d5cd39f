"""What this machine has for training: packages, memory, devices and the formats they compute in.

`examination` puts it all together; `device_formats` asks processors and cards, and `speed` times a
convolution on each. Imports `quiet` for TensorFlow and `run_folder` for the processor. Gives
`examine` to `archc doctor`, `has_bfloat16` and `timed` to `bench`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
