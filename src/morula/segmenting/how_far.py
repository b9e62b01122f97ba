"""How far files are on their way through a model: whole ones, and of those under way frames and parts of frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from morula.names.endings import called
from morula.pipeline import Begun
from morula.progress import Progress
from morula.segmenting.incoming import Incoming, Refused


def frame_called(frame: Incoming | Refused) -> str:
    """The name of its file, and which of several frames it is."""
    name, frames = called(frame.path), _frames(frame)
    return f"{name}, frame {_number(frame) + 1:,} of {frames:,}" if frames > 1 else name


class HowFar:
    """Tells how many files are done, which never becomes less."""

    def __init__(
        self, progress: Progress, files: Iterable[Path], words: Callable[[Incoming | Refused], str] = frame_called
    ):
        """
        Args:
            progress: called with files done, files in all, and words.
            files: all of them, in the order in which they are done.
            words: what is said of a frame.
        """
        self._places = {path: number for number, path in enumerate(files)}
        self._progress, self._words = progress, words
        self._reached: float = 0

    def came(self, frame: Incoming | Refused) -> None:
        """Tell that this frame is the next that is there."""
        self._tell(self._before(frame), frame)

    def watch(self, begun: Sequence[Begun[Incoming | Refused]]) -> None:
        """Tell how far the frames under way are, of which the first is waited for, where parts of them are done."""
        first, parts = begun[0].given, sum(each.done / _frames(each.given) for each in begun)
        if parts and (done := self._before(first) + parts) > self._reached:
            self._tell(done, first)

    def _before(self, frame: Incoming | Refused) -> float:
        place, number = self._places[frame.path], _number(frame)
        return place + number / _frames(frame) if number else place

    def _tell(self, done: float, frame: Incoming | Refused) -> None:
        total = len(self._places)
        self._reached = min(total, max(self._reached, done))
        self._progress(self._reached, total, self._words(frame))


def _number(frame: Incoming | Refused) -> int:
    return 0 if isinstance(frame, Refused) else frame.number


def _frames(frame: Incoming | Refused) -> int:
    return 1 if isinstance(frame, Refused) else frame.image.frames
