"""Whether devices can share a training."""

from archcompile.errors import UsageError
from archcompile.recipe import Recipe


def check_last_batch(images: int, batch_size: int, replicas: int) -> None:
    """Raises UsageError where a replica would get no image of the last batch of an epoch."""
    last = images % batch_size or batch_size
    if replicas > 1 and last < replicas:
        raise UsageError(
            f"the last batch of an epoch has {last} images, too few for {replicas} devices",
            hint="choose another batch size: --set train.batch_size=…",
        )


def check_pairs(recipe: Recipe, images: int, replicas: int) -> None:
    """Raises UsageError where images are mixed in pairs, and a pair would lie on two replicas."""
    if recipe.augment.mix is None or replicas == 1:
        return
    sizes = recipe.batch_size, images % recipe.batch_size
    for size in sizes if images >= recipe.batch_size else sizes[1:]:
        if size % (2 * replicas):
            raise UsageError(
                f"a batch of {size} images cannot be mixed in pairs on {replicas} devices: "
                f"expected a multiple of {2 * replicas}, in the last batch of an epoch, too",
                hint="choose another batch size: --set train.batch_size=…; under --engine jax any "
                "will do",
            )
