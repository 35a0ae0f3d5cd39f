"""The files that an editor holds, and what has been worked out for their texts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archcompile.editor.analysis import Analysis, Compiled
from archcompile.spec.yaml import read_text

Stamp = str | tuple[int, int] | None  # an open file's text, or the time and size of one on disk


@dataclass(frozen=True, slots=True)
class _Kept:
    """An analysis, and the other files that it has read, as they were."""

    analysis: Analysis
    stamps: dict[Path, Stamp]  # grows while the analysis is worked out


class Workspace:
    """Texts of open files come before those on disk, in whatever reads them."""

    def __init__(self) -> None:
        self._texts: dict[Path, str] = {}
        self._paths: dict[Path, Path] = {}  # as the editor calls them, by what they resolve to
        self._kept: dict[Path, _Kept] = {}

    def open(self, file: Path, text: str) -> None:
        """Takes the text that an editor shows; also for every change of it."""
        resolved = file.resolve()
        self._paths[resolved] = Path(os.path.abspath(file))
        self._texts[resolved] = text

    def close(self, file: Path) -> None:
        """From now on the file is what is on disk."""
        for kept in (self._texts, self._paths, self._kept):
            kept.pop(file.resolve(), None)

    @property
    def open_files(self) -> Mapping[Path, str]:
        """The texts of open files, by the paths that the editor gave."""
        return {self._paths[resolved]: text for resolved, text in self._texts.items()}

    def read(self, file: Path) -> str:
        """The text of a file. Raises UsageError, SpecError where it cannot be read."""
        text = self._texts.get(file.resolve())
        return read_text(file) if text is None else text

    def analyse(self, file: Path) -> Analysis:
        """What is known of a file as it is now. Raises UsageError, SpecError as `read`.

        The same analysis is given until the file, or one that it has read, changes.
        """
        resolved = file.resolve()
        text = self.read(file)
        kept = self._kept.get(resolved)
        if kept and kept.analysis.text == text and self._is_fresh(kept):
            return kept.analysis
        stamps: dict[Path, Stamp] = {}

        def read_and_note(path: Path) -> str:
            stamps[path] = self._stamp(path)
            return self.read(path)

        analysis = Analysis(
            file=self._paths.get(resolved, Path(os.path.abspath(file))),
            text=text,
            read_file=read_and_note,
            locate=self._locate,
            last_good=_last_good(kept.analysis) if kept else None,
        )
        self._kept[resolved] = _Kept(analysis, stamps)
        return analysis

    def _is_fresh(self, kept: _Kept) -> bool:
        """Whether all other files are as they were; one that was missing may be there now."""
        is_missing = kept.analysis.is_read and any(
            d.code == "unknown-file" for d in kept.analysis.text_diagnostics
        )
        return not is_missing and all(
            self._stamp(path) == stamp for path, stamp in kept.stamps.items()
        )

    def _stamp(self, file: Path) -> Stamp:
        text = self._texts.get(file.resolve())
        if text is not None:
            return text
        try:
            status = file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def _locate(self, shown: str) -> Path:
        """The path of a file that a message names."""
        path = Path(os.path.abspath(shown))
        return self._paths.get(path.resolve(), path)


def _last_good(analysis: Analysis) -> Compiled | None:
    """What an analysis compiled to, unless nobody has asked; else what was good before it."""
    return analysis.newest if analysis.is_compiled else analysis.last_good
