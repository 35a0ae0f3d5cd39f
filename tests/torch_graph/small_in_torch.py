"""A small network of PyTorch in which every kind of mistake would show.

Run by PyTorch alone, as `torch:FILE.py`.
"""

from torch import nn

model = nn.Sequential(
    nn.Conv2d(3, 4, (2, 3), stride=2),
    nn.BatchNorm2d(4),
    nn.GELU(),
    nn.Conv2d(4, 8, 3, groups=4, padding=1),
    nn.AvgPool2d(3, 2, padding=1),
    nn.Flatten(),
    nn.Linear(8 * 2 * 2, 5),
)
