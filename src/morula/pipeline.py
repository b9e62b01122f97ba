"""Work in a row, of which the next pieces are begun while one is finished, and work that is done meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from morula.progress import Part

Given = TypeVar("Given")
Made = TypeVar("Made")

BETWEEN = 0.25
"""Seconds between two looks at work that is waited for."""


class Unwanted(Exception):
    """Ends work that nobody waits for any more."""


@dataclass
class Begun(Generic[Given]):
    """A piece of work that a thread is at.

    Attributes:
        given: what it is about.
        done: how much of it is done, from 0 to 1, as far as it tells.
        wanted: whether somebody waits for it.
    """

    given: Given
    done: float = 0.0
    wanted: bool = True

    def tell(self, done: float) -> None:
        """Called by the thread.

        Raises:
            Unwanted: it shall not go on.
        """
        if not self.wanted:
            raise Unwanted
        self.done = done


def unseen(begun: Sequence[Begun]) -> None:
    """Work that nobody watches."""


def ahead(
    work: Callable[[Given, Part], Made],
    items: Iterable[Given],
    count: int = 2,
    room: int | None = None,
    watch: Callable[[Sequence[Begun[Given]]], None] = unseen,
) -> Iterator[tuple[Given, Made]]:
    """Each item with what work makes of it, in order, while threads are at work on the next ones.

    Once this is given up, as after Ctrl-C, work ends where it next tells how much of it is done.

    Args:
        work: called in threads, on so many items at once, with what it may tell how much of each is done. What it
            raises is raised here, in its turn.
        items: taken one at a time, no earlier than they are worked on.
        count: threads.
        room: how many items may be worked on, or done and waiting for those before them; if left out, as many as
            threads. Memory holds this many items more than one, and what was made of them.
        watch: shown all that is begun, the first of which is waited for, several times a second; called here.
    """
    with ThreadPoolExecutor(count) as threads:
        begun: deque[Begun[Given]] = deque()
        made: deque[Future[Made]] = deque()

        def first() -> tuple[Given, Made]:
            while not wait([made[0]], BETWEEN).done:
                watch(begun)
            return begun.popleft().given, made.popleft().result()

        try:
            for item in items:
                begun.append(Begun(item))
                made.append(threads.submit(work, item, begun[-1].tell))
                if len(begun) > (room or count):
                    yield first()
            while begun:
                yield first()
        finally:
            for each in begun:
                each.wanted = False
            threads.shutdown(wait=False, cancel_futures=True)


class Meanwhile:
    """Work that is done in threads while this one goes on, which waits for it where the `with` block ends.

    What it raises is raised when the next work is given, or at the end.
    """

    def __init__(self, threads: int):
        """
        Args:
            threads: how much is worked on at once; twice as much may be given before this thread has to wait.
        """
        self._room, self._threads = 2 * threads, ThreadPoolExecutor(threads)
        self._begun: deque[Future] = deque()

    def do(self, work: Callable[..., object], *given: Any) -> None:
        """Begin some work."""
        self._begun.append(self._threads.submit(work, *given))
        while len(self._begun) > self._room or self._begun[0].done():
            self._begun.popleft().result()
            if not self._begun:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._threads.shutdown(cancel_futures=kind is not None)
        if kind is None:
            for each in self._begun:
                each.result()
