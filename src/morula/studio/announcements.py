"""What pages are told without asking: server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

WAITING = 1000
"""Events that a page may be behind; one that is farther behind is cut off, and asks anew."""
SILENCE = 15.0
"""Seconds after which a page is told that all is well."""


class Announcements:
    """Events for every page that listens. May be told from any thread."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[str | None], asyncio.AbstractEventLoop] = {}

    def tell(self, event: str, data: Any) -> None:
        """Tell every page."""
        text = f"event: {event}\ndata: {json.dumps(data)}\n\n"
        for queue, loop in list(self._listeners.items()):
            loop.call_soon_threadsafe(_put, queue, text)

    def close(self) -> None:
        """Let every page go."""
        for queue, loop in list(self._listeners.items()):
            loop.call_soon_threadsafe(_put, queue, None)

    async def listen(self) -> AsyncIterator[str]:
        """What one page is told, until it leaves."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(WAITING)
        self._listeners[queue] = asyncio.get_running_loop()
        try:
            yield "retry: 1000\n\n"
            while True:
                try:
                    text = await asyncio.wait_for(queue.get(), SILENCE)
                except TimeoutError:
                    text = ": still here\n\n"
                if text is None:
                    return
                yield text
        finally:
            self._listeners.pop(queue, None)


def _put(queue: asyncio.Queue[str | None], text: str | None) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        text = None
    queue.put_nowait(text)
