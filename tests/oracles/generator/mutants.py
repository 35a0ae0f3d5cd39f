"""A spec with one small change, well-formed or not: both sides must take it for the same, or both
refuse it.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from .draw import Draw

Place = tuple[Any, Any]  # a map or list, and the key or index in it


def mutant(spec: dict[str, Any], seed: int) -> dict[str, Any]:
    draw = Draw(f"mutant {seed}")
    changed = copy.deepcopy(spec)
    places = [
        place
        for place in places_of(changed)
        if place[1] not in ("archc", "about", "name", "expect", "train")
    ]
    place = draw.choose(places)
    draw.choose([delete, exchange, renumber, renumber, swap, repeat])(draw, places, place)
    return changed


def places_of(value: Any) -> Iterator[Place]:
    keys: Iterable[Any] = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        if key != "expect":
            yield from places_of(value[key])


def delete(draw: Draw, places: list[Place], place: Place) -> None:
    holder, key = place
    del holder[key]


def exchange(draw: Draw, places: list[Place], place: Place) -> None:
    """Another value that stands under the same key, or another word or number."""
    holder, key = place
    kind = type(holder[key])
    others = [
        another[at]
        for another, at in places
        if type(another[at]) is kind and (at == key or kind is not dict)
    ]
    holder[key] = copy.deepcopy(draw.choose(others))


def renumber(draw: Draw, places: list[Place], place: Place) -> None:
    numbers = [(another, at) for another, at in places if type(another[at]) in (int, float)]
    if numbers:
        holder, key = draw.choose(numbers)
        value = holder[key]
        holder[key] = draw.choose(
            [value + 1, value - 1, value * 2, 0, value / 2, f"$({value} + 1)"]
        )


def swap(draw: Draw, places: list[Place], place: Place) -> None:
    """Two values change places."""
    holder, key = place
    another, at = draw.choose(places)
    lists = [
        (items, index) for items, index in places if isinstance(items, list) and len(items) > 1
    ]
    if lists:
        holder, key = draw.choose(lists)
        another, at = holder, (key + 1) % len(holder)
    holder[key], another[at] = another[at], holder[key]


def repeat(draw: Draw, places: list[Place], place: Place) -> None:
    """A step or value of a list twice."""
    lists = [(items, index) for items, index in places if isinstance(items, list)]
    if lists:
        items, index = draw.choose(lists)
        items.insert(index, copy.deepcopy(items[index]))
