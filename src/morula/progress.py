"""How long work tells how far it is: a plain callable, whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called with what is done, what there is to do, and a few words."""


Tell = Callable[[str], None]
"""Called with a sentence that a person would want to read now."""


def silent(done: int, total: int, words: str) -> None:
    """Progress that nobody watches."""


def unheard(sentence: str) -> None:
    """A sentence that nobody reads."""
