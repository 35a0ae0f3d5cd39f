"""The channels between rows: which edges run sideways there, and on which track each runs."""

from dataclasses import dataclass, field

GAP, TRACK, PORT = 13.0, 5.0, 16.0  # height of a channel, of a track in it, of the room for a port
# around everything; between stage marks and trunk; between pages
MARGIN, BRACKET, BETWEEN = 18.0, 12.0, 26.0
HEAD = 40.0  # the room of title and subtitle

Runs = dict[str, list[float]]  # the x range of what runs sideways, by the box it leaves or enters
Tracks = dict[str, int]


@dataclass(kw_only=True)
class Channel:
    """The room above a row: what leaves the row above it, what arrives, and the tracks of both.

    `passing` goes past a frame that begins at the row, on the tracks `above` that frame.
    """

    leaving: Runs = field(default_factory=dict)
    arriving: Runs = field(default_factory=dict)
    passing: Runs = field(default_factory=dict)
    tracks: tuple[Tracks, Tracks] = ({}, {})
    above: Tracks = field(default_factory=dict)

    def assign_tracks(self) -> None:
        self.above = assign_tracks(self.passing)
        self.tracks = assign_tracks(self.leaving), assign_tracks(self.arriving)

    @property
    def height(self) -> float:
        leaving, arriving = map(_count, self.tracks)
        return max(GAP, TRACK * (leaving + arriving) + (10 if arriving else 8))


def _count(tracks: Tracks) -> int:
    return max(tracks.values(), default=-1) + 1


def assign_tracks(runs: Runs) -> Tracks:
    """A track for each run, so that no two on one track touch."""
    ends: dict[int, float] = {}  # how far each track is taken
    tracks = {}
    for name, xs in sorted(runs.items(), key=lambda item: (min(item[1]), max(item[1]))):
        tracks[name] = next((track for track, end in ends.items() if end < min(xs)), len(ends))
        ends[tracks[name]] = max(xs)
    return tracks
