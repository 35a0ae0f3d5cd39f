"""Draws of values, and ways to write a value as an expression of what its place can see."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from ..language.expressions import is_expression

ANIMALS = [
    "ant",
    "bee",
    "cat",
    "dog",
    "eel",
    "elk",
    "emu",
    "fox",
    "gnu",
    "hen",
    "jay",
    "koi",
    "owl",
    "pig",
    "ram",
    "rat",
    "sow",
    "yak",
    "bat",
    "cod",
    "cow",
    "doe",
    "ewe",
    "fly",
    "hog",
    "kid",
    "kit",
    "moa",
    "nit",
    "orc",
    "pug",
    "roe",
    "tit",
    "wren",
    "swan",
    "toad",
    "vole",
    "wolf",
    "crow",
    "dove",
    "duck",
    "frog",
    "goat",
    "hare",
    "ibex",
    "lion",
    "lynx",
]


class Draw:
    """A seeded source of choices, and of names that no list uses twice."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.names = list(ANIMALS)
        self.random.shuffle(self.names)
        self.used = 0

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def choose(self, items: Sequence[Any]) -> Any:
        return items[self.random.randrange(len(items))]

    def choose_weighted(self, weights: Mapping[str, float]) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def some(self, items: Sequence[Any], count: int) -> list[Any]:
        return self.random.sample(list(items), min(count, len(items)))

    def between(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def name(self) -> str:
        self.used += 1
        turn, place = divmod(self.used - 1, len(self.names))
        return self.names[place] + "_x" * turn


def whole_names(scope: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, value in scope.items()
        if isinstance(value, int) and not isinstance(value, bool)
    ]


def whole(draw: Draw, value: int, scope: Mapping[str, Any], *, chance: float = 0.4) -> Any:
    """A whole number, often as an expression that comes to it in this scope."""
    if not draw.chance(chance):
        return float(value) if draw.chance(0.04) else value
    names = whole_names(scope)
    same = [name for name in names if scope[name] == value]
    if same and draw.chance(0.6):
        return f"${draw.choose(same)}"
    if not names or draw.chance(0.2):
        return f"$({constant(draw, value)})"
    name = draw.choose(names)
    return f"$({from_name(draw, value, name, seen=scope[name])})"


def constant(draw: Draw, value: int) -> str:
    forms = [
        f"{value * 2} // 2",
        f"{value * 3} / 3",
        f"{value} % {value + 3}",
        f"max({value}, {max(value - 2, 0)})",
        f"min({value + 1}, {value})",
        f"floor({value} + 1 / 3)",
        f"ceil({value} - 0.5)",
        f"make_divisible({value * 4}, 4) / 4",
        f"-(-{value})",
        f"{value}.0 * 1",
        f"({value} + 1) - 1",
        f"{value} if true else 1 / 0",
        f"sqrt({value * value})",
        f"pow({value}, 1)",
        f"round({value} + 1 / 3)",
        f"pick(2, 1 / 0, {value}, 'x')",
        f"{value} if 0 < 1 <= 1 < 2 else 1 / 0",
    ]
    return draw.choose(forms)


def from_name(draw: Draw, value: int, name: str, *, seen: int) -> str:
    """An expression of a name; it follows the name where this changes, so the value is met only
    here.
    """
    gap = value - seen
    forms = [f"{name} + {gap}" if gap >= 0 else f"{name} - {-gap}"]
    if seen and value % seen == 0:
        forms += [f"{name} * {value // seen}", f"{value // seen} * {name}"]
    if value and seen % value == 0 and seen:
        forms += [f"{name} / {seen // value}", f"{name} // {seen // value}"]
    condition = draw.choose(
        [f"{name} == {seen}", f"{name} >= {seen}", f"not {name} < {seen}", f"{name} != {seen + 1}"]
    )
    forms += [
        f"max({name} - {seen}, {value})",
        f"{value} if {condition} else {value + 1}",
        f"{value + 2} if {name} > {seen} else {value}",
        f"({name} * {value} + {name} % 1) // {name}" if seen else f"{value} + {name}",
    ]
    return draw.choose(forms)


def number(draw: Draw, value: float, scope: Mapping[str, Any]) -> Any:
    """A number that need not be whole; an expression may come to another one near by."""
    if draw.chance(0.6):
        return value
    units = {"index": "repeat", "unit_index": "unit_count", "turn": "turns"}
    places = [name for name in units if name in scope and units[name] in scope]
    if places and draw.chance(0.7):
        name = draw.choose(places)
        return f"$({value} * {name} / {units[name]})"
    floats = [name for name, item in scope.items() if isinstance(item, float) and 0 < item < 1]
    if floats:
        return f"$({value} * {draw.choose(floats)})"
    return f"$({value} / {draw.between(1, 5)})"


def condition(draw: Draw, scope: Mapping[str, Any]) -> Any:
    """What an `if` may say."""
    flags = [name for name, value in scope.items() if isinstance(value, bool)]
    texts = [
        name for name, value in scope.items() if isinstance(value, str) and not is_expression(value)
    ]
    names = whole_names(scope)
    forms: list[Any] = [True, False, "$(1 < 2)", "$(not (2 > 1 and 1 == 1))"]
    forms += [f"${name}" for name in flags] + [f"$(not {name})" for name in flags]
    forms += [f"$({name} == '{scope[name]}')" for name in texts] + [
        f"$({name} != '{scope[name]}')" for name in texts
    ]
    for name in names:
        sign = draw.choose(["<", "<=", ">", ">=", "==", "!="])
        forms += [f"$({name} {sign} {max(scope[name] + draw.between(-1, 1), 0)})"] * 2
        forms.append(f"$({name} % 2 == 0 or {name} > 9)")
    return draw.choose(forms)


def divisors(value: int) -> list[int]:
    return [number for number in range(1, value + 1) if value % number == 0]


def pair(draw: Draw, value: tuple[int, int], scope: Mapping[str, Any]) -> Any:
    if value[0] == value[1] and draw.chance(0.8):
        return whole(draw, value[0], scope, chance=0.25)
    return [whole(draw, item, scope, chance=0.25) for item in value]
