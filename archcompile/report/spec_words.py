"""In what the networks of several runs differ, in the words of their specs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from archcompile.errors import ArchError
from archcompile.report.reading import Record
from archcompile.run_files import RESOLVED
from archcompile.spec.yaml import flow, parse, plain, read_text

MOST = 8  # settings that are named; networks that differ in more are named themselves
# what a spec says beside its network
BESIDE = frozenset({"archc", "name", "about", "allow", "train", "expect"})
# what a resolved spec takes along because something else in it asks for that
DEFINITIONS = ("blocks", "shortcuts")
UNSET = "not set"


def network_words(runs: Sequence[Record]) -> list[dict[str, str]]:
    """For each run the settings of its spec that not all have alike, under the keys of `--set`.

    Networks that have too little in common are named themselves. Nothing is said where all are the
    same, and nothing of what their specs write differently for the same network.
    """
    firsts = {run.environment.identity.spec: run for run in reversed(runs)}
    if len(firsts) == 1:
        return [{} for _ in runs]
    words = dict(zip(firsts, _words_of_networks(list(firsts.values())), strict=True))
    return [words[run.environment.identity.spec] for run in runs]


def _words_of_networks(runs: Sequence[Record]) -> list[dict[str, str]]:
    names = [{"network": f"{run.name} ({run.environment.identity.spec[:12]})"} for run in runs]
    try:
        settings = [_settings(run) for run in runs]
    except ArchError:  # a damaged file: the hashes still tell the networks apart
        return names
    unlike = [key for key in dict.fromkeys(chain(*settings)) if _is_unlike(key, settings)]
    if not unlike or len(unlike) > MOST:
        return names
    return [_values(unlike, words) for words in settings]


def _values(keys: Sequence[str], words: Mapping[str, str]) -> dict[str, str]:
    return {key: words.get(key, UNSET) for key in keys}


def _settings(run: Record) -> dict[str, str]:
    file = run.path / RESOLVED
    spec = plain(parse(read_text(file), str(file)))
    network = {key: value for key, value in spec.items() if key not in BESIDE}
    return {key.removeprefix("vars."): words for key, words in _leaves(network, "")}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """(dotted path, value) of all that holds no maps."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}.{number}")
    else:
        yield path, flow(value)


def _is_unlike(key: str, settings: Sequence[Mapping[str, str]]) -> bool:
    """Whether not all have it alike; a part of a definition counts if all have that definition."""
    if len({words.get(key) for words in settings}) == 1:
        return False
    section, *names = key.split(".")
    if section not in DEFINITIONS:
        return True
    definition = f"{section}.{names[0]}."
    return all(_has_definition(words, definition) for words in settings)


def _has_definition(words: Mapping[str, str], definition: str) -> bool:
    return any(f"{key}.".startswith(definition) for key in words)
