from .devices import check_spread as check_spread
from .devices import choose_devices as choose_devices
from .devices import count_processes as count_processes
from .evaluator import make_evaluator as make_evaluator
from .lowering import KERNELS as KERNELS
from .making import choose_kernels as choose_kernels
from .making import make_trainer as make_trainer
from .platform import read_platform as read_platform
