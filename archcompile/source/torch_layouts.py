"""What moves values in PyTorch as Keras does: definitions like those of `torch_layers`."""

import torch
from torch import nn


class SliceChannels(nn.Module):
    """Some neighbouring channels."""

    def __init__(self, start, channels):
        super().__init__()
        self.start, self.channels = start, channels

    def forward(self, x):
        return x.narrow(1 if x.dim() == 4 else -1, self.start, self.channels)


class ShuffleChannels(nn.Module):
    """The channels of all groups by turns: the first of each, then the second."""

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def forward(self, x):
        axis = 1 if x.dim() == 4 else x.dim() - 1
        apart = x.unflatten(axis, (self.groups, -1))
        return apart.transpose(axis, axis + 1).flatten(axis, axis + 1)


class DepthToSpace(nn.Module):
    """The channels of a pixel as a block of pixels, each pixel with all its channels.

    This is TensorFlow's order; PyTorch's PixelShuffle has the block's pixels innermost.
    """

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        rows, columns = self.size
        x = x.unflatten(1, (rows, columns, -1)).permute(0, 3, 4, 1, 5, 2)
        return x.flatten(4, 5).flatten(2, 3)


class SpaceToDepth(nn.Module):
    """Blocks of pixels as the channels of one, pixel by pixel: TensorFlow's order."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        rows, columns = self.size
        x = x.unflatten(3, (-1, columns)).unflatten(2, (-1, rows))
        return x.permute(0, 3, 5, 1, 2, 4).flatten(1, 3)


class Reshape(nn.Module):
    """The same values in another shape, in the order of Keras: channels innermost."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        x = x.permute(0, 2, 3, 1) if x.dim() == 4 else x
        x = x.reshape(x.shape[0], *self.shape)
        return x.permute(0, 3, 1, 2) if x.dim() == 4 else x


class NearestResize(nn.Module):
    """A map in another size: each pixel is the one in which its middle lies.

    The places are counted in single precision, as Keras counts them.
    """

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        for axis, after in enumerate(self.size, start=2):
            before = x.shape[axis]
            middles = torch.arange(after, dtype=torch.float32, device=x.device) + 0.5
            ratio = torch.tensor(before, dtype=torch.float32) / after
            places = (middles * ratio.to(x.device)).to(torch.int64)
            x = x.index_select(axis, places.clamp(max=before - 1))
        return x
