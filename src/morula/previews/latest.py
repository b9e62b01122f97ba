"""Work of which only the latest counts: in a thread, one piece after the other, and of those that wait the last."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

Wanted = TypeVar("Wanted")

PAUSE = 4.0
"""Seconds after which a thread that was asked for nothing gets ready: not while a page is opening."""


class Latest(Generic[Wanted]):
    """A thread that does what was asked for last, once what it is at is done."""

    def __init__(self, work: Callable[[Wanted], None], before: Callable[[], None]):
        """
        Args:
            work: does a piece; it says itself what goes wrong.
            before: done before the first piece, or a while earlier, so that this need not wait for it.
        """
        self._work, self._before = work, before
        self._wanted: list[Wanted] = []
        self._over = False
        self._changed = Condition()
        self._worker = Thread(target=self._do, daemon=True)
        self._worker.start()

    def ask(self, wanted: Wanted) -> None:
        """Do this next, in the place of what else waits."""
        with self._changed:
            self._wanted = [wanted]
            self._changed.notify()

    def close(self) -> None:
        """Do no more, once what is being done is done."""
        with self._changed:
            self._over = True
            self._changed.notify()
        self._worker.join()

    def _do(self) -> None:
        with self._changed:
            self._changed.wait_for(self._is_called, PAUSE)
        if not self._over:
            self._before()
        while True:
            with self._changed:
                self._changed.wait_for(self._is_called)
                if self._over:
                    return
                wanted = self._wanted.pop()
            self._work(wanted)

    def _is_called(self) -> bool:
        return self._over or bool(self._wanted)
