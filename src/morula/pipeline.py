"""Work in a row, of which the next pieces are begun while one is finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

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
