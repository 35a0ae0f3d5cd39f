"""The order of images is a pure function of (seed, epoch)."""

import numpy as np

from archcompile.engine.epoch_order import batches, order


def test_every_epoch_is_another_permutation_and_the_same_again() -> None:
    orders = [order(seed, epoch, 50) for seed in (0, 1, 2**32 - 1) for epoch in range(4)]
    for actual in orders:
        assert sorted(actual) == list(range(50))
    assert len({actual.tobytes() for actual in orders}) == len(orders)
    assert np.array_equal(order(1, 2, 50), orders[6])


def test_no_row_is_dropped() -> None:
    parts = list(batches(np.arange(10), 4))
    assert [len(part) for part in parts] == [4, 4, 2]
    assert np.concatenate(parts).tolist() == list(range(10))
