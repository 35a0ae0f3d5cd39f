"""Lines of specs as the comments of emitted source name them."""

from collections.abc import Callable, Iterable

from archcompile.errors import Location, visible
from archcompile.graph import LayerGraph

Place = Callable[[Location], str]


def spec_places(graph: LayerGraph) -> Place:
    """Names a place by its line and the shortest end of its file's path that no other file has."""
    origins = [node.origin for node in graph]
    locations = [place for origin in origins for place in (origin.location, origin.used_at)]
    files = {place.file for place in locations if place}
    short = {file: visible(_shortest_end(file, files)) for file in files}
    return lambda place: f"{short[place.file]}:{place.line}"


def _shortest_end(file: str, files: Iterable[str]) -> str:
    parts = file.split("/")
    rivals = [rival.split("/") for rival in files if rival != file]
    for length in range(1, len(parts)):
        if all(rival[-length:] != parts[-length:] for rival in rivals):
            return "/".join(parts[-length:])
    return file
