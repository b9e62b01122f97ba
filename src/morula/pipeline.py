"""Work in a row, of which the next pieces are begun while one is finished, and work that is done meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def ahead(
    work: Callable[[Given], Made], items: Iterable[Given], count: int = 2, room: int | None = None
) -> Iterator[tuple[Given, Made]]:
    """Each item with what work makes of it, in order, while threads are at work on the next ones.

    Args:
        work: called in threads, on so many items at once. What it raises is raised here, in its turn.
        items: taken one at a time, no earlier than they are worked on.
        count: threads.
        room: how many items may be worked on, or done and waiting for those before them; if left out, as many as
            threads. Memory holds this many items more than one, and what was made of them.
    """
    with ThreadPoolExecutor(count) as threads:
        begun: deque = deque()
        try:
            for item in items:
                begun.append((item, threads.submit(work, item)))
                if len(begun) > (room or count):
                    done, made = begun.popleft()
                    yield done, made.result()
            for done, made in begun:
                yield done, made.result()
        finally:
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
