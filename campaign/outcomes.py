"""What an attack came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Outcome:
    """What an attack came to.

    Attributes:
        attack: what was done.
        tries: how often.
        held: what was found each time, in words.
        broken: what was found instead, a sentence for each time.
    """

    attack: str
    tries: int
    held: str
    broken: tuple[str, ...] = ()


class Attack(Protocol):
    """Something that is done to Morula again and again."""

    def __call__(self, tries: int, seed: int) -> Iterable[Outcome]:
        """Do it at most so often; everything random follows from the seed."""
        ...
