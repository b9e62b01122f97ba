"""Something that takes long, done in a thread: how far it is, what became of it, and a button that stops it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any, TypeVar

from magicgui.widgets import Container, Label, ProgressBar, PushButton
from napari.qt.threading import create_worker
from qtpy.QtCore import QTimer

from morula.checks.findings import without_options
from morula.errors import MorulaError
from morula.progress import Progress

Made = TypeVar("Made")

WIDTH = 290
"""Pixels, so that sentences and names of layers are read."""
BETWEEN = 100
"""Milliseconds between two looks at how far it is."""
STEPS = 1000
"""Of the bar, for a whole piece: it knows no parts."""


class Stopped(Exception):
    """Leaves work that somebody has stopped."""


class WorkBar(Container):
    """A button that begins, a bar, words, and a button that stops."""

    def __init__(self, begin: str):
        self.start = PushButton(text=begin)
        self.stop = PushButton(text="Stop", visible=False)
        self.bar = ProgressBar(visible=False, min=0, max=0)
        self.words = Label(value="")
        super().__init__(widgets=[self.start, self.bar, self.stop, self.words], labels=False)
        self.margins = (0, 0, 0, 0)
        self.words.native.setWordWrap(True)
        self.words.native.setMinimumWidth(WIDTH)
        self.words.native.setTextInteractionFlags(self.words.native.textInteractionFlags().TextSelectableByMouse)
        self.stop.clicked.connect(self.halt)
        self._asked = Event()
        self._told: tuple[float, int, str] = (0, 0, "")
        self._timer = QTimer(self.native)
        self._timer.setInterval(BETWEEN)
        self._timer.timeout.connect(self._look)
        self.watching: Callable[[], None] = lambda: None

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._timer.isActive()

    def run(self, work: Callable[[Progress], Made], then: Callable[[Made], None]) -> None:
        """Do something in a thread, and something with what became of it here.

        Args:
            work: called with a progress that ends it once somebody has stopped it.
            then: called with what it gave, unless it went wrong or was stopped: both are said in words.
        """
        if self.busy:
            return
        asked = self._asked = Event()
        self.native.destroyed.connect(asked.set)
        self._told = (0, 0, "starting")
        self._show(busy=True)

        def note(done: float, total: int, words: str) -> None:
            if asked.is_set() or worker.abort_requested:  # as napari asks when it ends
                raise Stopped
            self._told = (done, total, words)

        worker = create_worker(_outcome, work, note)

        def end(outcome: tuple[Any, str | None]) -> None:
            made, wrong = outcome
            try:
                self._look()
                self._show(busy=False)
                self.say(wrong or "")
            except RuntimeError:  # the window was closed meanwhile
                return
            if wrong is None:
                then(made)

        worker.returned.connect(end)
        worker.errored.connect(lambda error: end((None, _fault(error))))
        worker.start()

    def halt(self) -> None:
        """Stop what is being done, soon."""
        self._asked.set()
        self._told = (*self._told[:2], "stopping")

    def say(self, words: str) -> None:
        """Show a sentence, as many lines as it needs."""
        self.words.value = words
        label = self.words.native
        label.setMinimumHeight(label.heightForWidth(max(WIDTH, label.width())) if words else 0)

    def _show(self, *, busy: bool) -> None:
        self.start.enabled = not busy
        self.bar.visible = self.stop.visible = busy
        if busy:
            self._timer.start()
        else:
            self._timer.stop()

    def _look(self) -> None:
        done, total, words = self._told
        self.bar.max, self.bar.value = STEPS * total, int(STEPS * min(done, total))
        self.say(words)
        self.watching()


def _fault(error: Exception) -> str:
    return (f"A fault in Morula, not in your data ({type(error).__name__}: {error}). Please report it with what napari "
            "has printed in its terminal.")


def _outcome(work: Callable[[Progress], Made], progress: Progress) -> tuple[Made | None, str | None]:
    """What was made, or what went wrong in words."""
    try:
        return work(progress), None
    except Stopped:
        return None, "Stopped."
    except MorulaError as error:
        return None, "\n".join(filter(None, map(without_options, str(error).splitlines())))
    except MemoryError:
        return None, "There is not enough memory for this. Close other programs, or use smaller images."
