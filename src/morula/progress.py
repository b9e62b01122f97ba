"""How long work tells how far it is: a plain callable, whoever shows it; and how times are said."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

Progress = Callable[[int, int, str], None]
"""Called with what is done, what there is to do, and a few words."""


Tell = Callable[[str], None]
"""Called with a sentence that a person would want to read now."""


def silent(done: int, total: int, words: str) -> None:
    """Progress that nobody watches."""


def unheard(sentence: str) -> None:
    """A sentence that nobody reads."""


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
