"""The process of a training: a line of JSON comes in with what is asked for, and lines go out with how far it is.

So napari stays quick. A training that is stopped, or whose napari is gone, ends: it does so when its input is closed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from morula.errors import MorulaError

BETWEEN, BEAT = 0.2, 0.5
"""Seconds between two lines of progress, and between two that only say that it lives."""
NICE = 5
"""How far it stands back behind napari."""


class Voice:
    """Says lines of JSON, also those of another thread whole."""

    def __init__(self) -> None:
        self._lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # whatever libraries print is no line of ours
        self._lock, self._last = Lock(), 0.0

    def say(self, **told: Any) -> None:
        """One line."""
        with self._lock, suppress(BrokenPipeError):
            self._lines.write(json.dumps(told) + "\n")
            self._lines.flush()

    def seldom(self, **told: Any) -> None:
        """One line, unless the last was but now."""
        if time.monotonic() - self._last > BETWEEN:
            self._last = time.monotonic()
            self.say(**told)


def carry_out(voice: Voice) -> None:
    """Train as the first line of the input asks, until the input ends."""
    asked = json.loads(sys.stdin.readline())
    gone = Event()

    def listen() -> None:
        sys.stdin.read()
        gone.set()

    def beat() -> None:
        while True:
            voice.say()
            time.sleep(BEAT)

    for each in (listen, beat):
        Thread(target=each, daemon=True).start()

    def progress(done: float, total: int, words: str) -> None:
        if gone.is_set():
            raise KeyboardInterrupt
        voice.seldom(progress=[done, total, words])

    from morula.learning.beside import Beside
    from morula.workflows import train

    beside = Beside(Path(asked.pop("out")))
    try:
        training = train(asked.pop("images"), asked.pop("masks"), beside.model, progress=progress,
                         tell=lambda sentence: voice.say(sentence=sentence), **asked)
    except KeyboardInterrupt:
        beside.forget_unfinished()
        beside.log.unlink(missing_ok=True)
    except MorulaError as error:
        voice.say(failed=str(error))
    else:
        voice.say(model=str(training.path), summary=dict(training.model.summary))


if __name__ == "__main__":
    with suppress(AttributeError, OSError):
        os.nice(NICE)
    carry_out(Voice())
