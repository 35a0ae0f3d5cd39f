from .epoch_order import batches as batches
from .epoch_order import mirrored as mirrored
from .epoch_order import order as order
from .image_statistics import Statistics as Statistics
from .image_statistics import statistics as statistics
