"""How long work tells how far it is: a plain callable, whoever shows it; and how times are said."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

Progress = Callable[[float, int, str], None]
"""Called with what is done, what there is to do, and a few words. Of what is large, parts are done: 2.25 of 7."""

Part = Callable[[float], None]
"""Called with how much of a single piece is done, from 0 to 1. What it raises ends that."""


Tell = Callable[[str], None]
"""Called with a sentence that a person would want to read now."""


def silent(done: float, total: int, words: str) -> None:
    """Progress that nobody watches."""


def unheard(sentence: str) -> None:
    """A sentence that nobody reads."""


def untold(done: float) -> None:
    """A part that nobody asks for."""


def within(progress: Progress, done: int, total: int, words: str) -> Part:
    """Tells how far all is from how much of the next piece is done, as soon as that is something.

    Args:
        progress: that of all.
        done: pieces done before this one.
        total: pieces in all.
        words: what is being done.
    """
    def tell(part: float) -> None:
        progress(done + part if part else done, total, words)

    return tell


class Pace:
    """How long work will still take, as it has gone so far; what begins anew has a pace of its own."""

    def __init__(self) -> None:
        self._begin(0, 0)

    def left(self, done: float, total: int) -> float | None:
        """Seconds that are left, now that so much is done; None while nobody can tell."""
        if done < self._done or total != self._total:
            self._begin(done, total)
        self._done = done
        gone = time.perf_counter() - self._since
        if done <= self._first or gone < 1 or not total:
            return None
        return gone * (total - done) / (done - self._first)

    def _begin(self, done: float, total: int) -> None:
        self._first = self._done = done
        self._total, self._since = total, time.perf_counter()


class Laps:
    """How long each part of some work took, from when this was made."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def end(self, part: str) -> None:
        """Say that what was done since the last part, or since the beginning, was this one."""
        now = time.perf_counter()
        self._seconds[part] = self._seconds.get(part, 0.0) + now - self._last
        self._last = now

    @property
    def seconds(self) -> Mapping[str, float]:
        """Of each part, in the order in which they ended first."""
        return dict(self._seconds)


def duration(seconds: float) -> str:
    """A time as one reads it.

    >>> [duration(seconds) for seconds in (0.84, 47, 200, 7500)]
    ['0.8 s', '47 s', '3 min 20 s', '2 h 5 min']
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
