"""The range test of a learning rate, on losses that are known."""

from math import inf, log10, nan

import numpy as np
import pytest

from archcompile.recipe import growing_rates, has_diverged, rate_range
from archcompile.recipe.range_of_rates import FIRST, LAST, smooth
from archcompile.training.range_test import range_words


def bowl(rate: float) -> float:
    """Least at a rate of 0.1, flat below 1e-4."""
    return 1.0 + min(abs(log10(rate) + 1), 3.0)


def test_rates_grow_alike_between_the_ends() -> None:
    rates = growing_rates()
    assert rates[0] == FIRST and rates[-1] == pytest.approx(LAST)
    assert np.ptp(np.diff(np.log(rates))) < 1e-9


def test_the_suggestion_is_a_tenth_of_the_least_loss() -> None:
    """The smoothed loss is some steps behind: less than half a power of ten."""
    test = rate_range(growing_rates(), [bowl(rate) for rate in growing_rates()])
    assert test.suggestion is not None and 0.01 < test.suggestion < 0.03
    assert f"learning_rate={test.suggestion:.2g}" in " ".join(range_words(test))


@pytest.mark.parametrize("losses", [[], [1.0], [2.0] * 100, list(np.linspace(1, 3, 100)), [nan]])
def test_a_loss_that_does_not_fall_suggests_nothing(losses: list[float]) -> None:
    assert rate_range(growing_rates(), losses).suggestion is None


def test_smoothed_losses_have_no_bias_and_end_at_what_is_no_number() -> None:
    assert smooth([3.0] * 5) == pytest.approx([3.0] * 5)
    assert smooth([1.0, 2.0]) == pytest.approx([1.0, (0.9 * 1 + 2) / 1.9])
    assert len(smooth([1.0, 1.0, inf, 1.0])) == 2


def test_a_test_ends_where_the_loss_diverges() -> None:
    falling = [2.0] * 20
    assert not has_diverged([]) and not has_diverged(falling)
    assert has_diverged([*falling, nan]) and has_diverged([*falling, 1e6])
    assert not has_diverged([1.0, 100.0]), "too few to say"
