"""The learning rate of every epoch."""

import pytest

from archcompile.recipe import load as recipe
from archcompile.recipe.schedules import Schedule
from archcompile.train.schedule import learning_rate


def test_the_article_in_all_200_epochs() -> None:
    article = recipe.load(recipe.find("article"))
    assert article.epochs == 200
    rates = [learning_rate(article.optimizer.learning_rate, article.schedule, epoch) for epoch in range(200)]
    assert rates == [1e-3] * 81 + [1e-4] * 40 + [1e-5] * 40 + [1e-6] * 20 + [5e-7] * 19


@pytest.mark.parametrize(
    ("schedule", "epoch", "rate"),
    [
        (None, 1000, 0.5),
        (Schedule(boundaries=(3, 5), factors=(0.5, 2.0)), 0, 0.5),
        (Schedule(boundaries=(3, 5), factors=(0.5, 2.0)), 2, 0.5),
        (Schedule(boundaries=(3, 5), factors=(0.5, 2.0)), 3, 0.25),
        (Schedule(boundaries=(3, 5), factors=(0.5, 2.0)), 5, 1.0),  # of the base, not of the factor before
    ],
)
def test_boundaries_count_from_0_and_factors_are_of_the_base(
    schedule: Schedule | None, epoch: int, rate: float
) -> None:
    assert learning_rate(0.5, schedule, epoch) == rate
