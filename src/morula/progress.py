"""How long work tells how far it is: a plain callable, whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called with what is done, what there is to do, and a few words."""


def silent(done: int, total: int, words: str) -> None:
    """Progress that nobody watches."""
