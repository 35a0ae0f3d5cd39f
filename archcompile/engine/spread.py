"""Whether devices can share a training."""

from archcompile.errors import UsageError


def check_last_batch(images: int, batch_size: int, replicas: int) -> None:
    """Raises UsageError where a replica would get no image of the last batch of an epoch."""
    last = images % batch_size or batch_size
    if replicas > 1 and last < replicas:
        raise UsageError(
            f"the last batch of an epoch has {last} images, too few for {replicas} devices",
            hint="choose another batch size: --set train.batch_size=…",
        )
