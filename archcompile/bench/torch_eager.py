"""PyTorch as its users run it: eager, channels_last, autocast for 16 bits, tensors augmented."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from archcompile.analyses import head
from archcompile.bench.common_training import check_is_plain, training_of
from archcompile.bench.task import RATE, TYPES, Task
from archcompile.bench.torch_net import TorchNet
from archcompile.bench.turns import Turns
from archcompile.engine import Statistics
from archcompile.errors import MissingError, UsageError
from archcompile.recipe import Augment, Recipe
from archcompile.training import Training, statistics_of

Tensor = Any


def run(task: Task, turns: Turns) -> None:
    run_net(task, turns, is_compiled=False)


def run_net(task: Task, turns: Turns, *, is_compiled: bool) -> None:
    import torch

    from archcompile.bench.torch_net import torch_net

    if task.device not in (None, "cpu", "gpu"):
        raise UsageError("PyTorch is measured with --device cpu or gpu alone")
    if task.device == "gpu" and not torch.cuda.is_available():
        raise MissingError("PyTorch sees no GPU")
    training = training_of(task)
    check_is_plain(training.recipe.augment)
    where = torch.device("cuda" if torch.cuda.is_available() and task.device != "cpu" else "cpu")
    torch.backends.cudnn.benchmark = True  # tries its algorithms, as XLA does
    if training.recipe.precision == "mixed_float16":
        raise MissingError("float16, which needs a scaled loss, is not measured with PyTorch")
    batches = _batches(torch, training, statistics_of(training), where=where)
    next(batches)  # the device is set up, and the images are there
    turns.begin()
    net = torch_net(training.graph)
    module = net.module.to(where, memory_format=torch.channels_last).train()
    run_module = torch.compile(module) if is_compiled else module
    step = _step(torch, net, run_module, training=training, where=where)

    def start(number: int) -> None:
        for _ in range(number):
            step(*next(batches))

    def finish() -> None:
        if where.type == "cuda":
            torch.cuda.synchronize()

    name = f"{torch.get_num_threads()} threads"
    if where.type == "cuda":
        name = torch.cuda.get_device_name()
    way = "torch.compile" if is_compiled else "eager"
    turns.serve(start, finish, f"torch {torch.__version__}, {way}, channels_last, {name}")


def _step(
    torch: Any,
    net: TorchNet,
    run_module: Callable[[Tensor], Tensor],
    *,
    training: Training,
    where: Any,
) -> Callable[[Tensor, Tensor], None]:
    recipe, binary = training.recipe, head(training.graph).output == "sigmoid"
    optimizer = _optimizer(torch, net, recipe)
    right = torch.zeros((), dtype=torch.int64, device=where)
    kind = TYPES[recipe.precision]
    half = None if kind == "float32" else getattr(torch, kind)

    def step(images: Tensor, labels: Tensor) -> None:
        with torch.autocast(where.type, half) if half else nullcontext():
            logits = run_module(images)
        loss = _loss(torch, logits.float(), labels, binary=binary)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            predicted = logits[:, 0] > 0 if binary else logits.argmax(1)
            right.add_((predicted == labels).sum())

    return step


def _loss(torch: Any, logits: Tensor, labels: Tensor, *, binary: bool) -> Tensor:
    if binary:
        return torch.nn.functional.binary_cross_entropy_with_logits(
            logits[:, 0], labels.to(logits.dtype)
        )
    return torch.nn.functional.cross_entropy(logits, labels)


def _optimizer(torch: Any, net: TorchNet, recipe: Recipe) -> Any:
    """The recipe's optimizer, with the L2 of the spec's layers as its weight decay.

    `l2` counts double in a decay, and Adam takes it as a gradient too.
    """
    groups: dict[float, list[Any]] = {}
    decays = {id(weight): 2 * l2 for weight, l2 in net.decays}
    for weight in net.module.parameters():
        groups.setdefault(decays.get(id(weight), 0.0), []).append(weight)
    listed = [{"params": params, "weight_decay": decay} for decay, params in groups.items()]
    chosen = recipe.optimizer
    if chosen.kind == "adam":
        return torch.optim.Adam(listed, RATE, (chosen.beta_1, chosen.beta_2), chosen.epsilon)
    if chosen.kind != "sgd":
        raise UsageError(f"there is no {chosen.kind} in this bench for PyTorch")
    return torch.optim.SGD(listed, RATE, chosen.momentum, nesterov=chosen.nesterov)


def _batches(
    torch: Any, training: Training, statistics: Statistics, *, where: Any
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end: images gathered in memory, scaled and augmented as one tensor."""
    split, recipe = training.data.train, training.recipe
    size = recipe.batch_size
    images = torch.from_numpy(split.images).to(where).permute(0, 3, 1, 2)
    labels = torch.from_numpy(split.labels).to(where)
    scale = recipe.preprocessing.scale
    mean = torch.zeros(1, device=where)
    if statistics.mean is not None:
        mean = torch.from_numpy(statistics.mean).to(where)
    mean = mean.permute(2, 0, 1) if mean.ndim == 3 else mean[:, None, None]
    while True:
        order = torch.randperm(len(labels), device=where)
        for rows in order[: len(order) // size * size].split(size):
            batch = images[rows].to(torch.float32).div_(scale).sub_(mean)
            moved = _augment(torch, batch, recipe.augment)
            yield moved.contiguous(memory_format=torch.channels_last), labels[rows]


def _augment(torch: Any, images: Tensor, augment: Augment) -> Tensor:
    """Images shifted by fractions of pixels, or cropped from a border of zeros, and mirrored.

    A shift repeats the edge.
    """
    count, _, height, width = images.shape
    sides = torch.where(torch.rand(count, device=images.device) < 0.5, -1.0, 1.0)
    mirrors = augment.flip != "none"
    if augment.shift:
        theta = torch.zeros(count, 2, 3, device=images.device)
        theta[:, 0, 0] = sides if mirrors else 1.0
        theta[:, 1, 1] = 1.0
        theta[:, :, 2] = (torch.rand(count, 2, device=images.device) * 2 - 1) * augment.shift * 2
        grid = torch.nn.functional.affine_grid(theta, list(images.shape), align_corners=False)
        return torch.nn.functional.grid_sample(
            images, grid, padding_mode="border", align_corners=False
        )
    if augment.pad_crop:
        border = augment.pad_crop
        padded = torch.nn.functional.pad(images, (border,) * 4)
        down, right = torch.randint(0, 2 * border + 1, (2, count, 1), device=images.device)
        rows = down + torch.arange(height, device=images.device)
        columns = right + torch.arange(width, device=images.device)
        numbers = torch.arange(count, device=images.device)[:, None, None]
        channels_last = padded.permute(0, 2, 3, 1)
        cropped = channels_last[numbers, rows[:, :, None], columns[:, None, :]]
        images = cropped.permute(0, 3, 1, 2)
    if not mirrors:
        return images
    return torch.where((sides < 0)[:, None, None, None], images.flip(3), images)
