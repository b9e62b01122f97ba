"""Examples for the tests of ranks: some of them are the end of a process that is not the first."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace

import numpy as np

from bright_squares import squares
from morula.errors import FileError
from morula.examples.example import ArrayExample, Piece
from morula.images.image import Box


def scribbled(count: int, seed: int = 0, annotated: float = 0.6) -> list[ArrayExample]:
    """Bright squares on a dark, noisy ground, of which so much was annotated."""
    rng = np.random.default_rng(seed)
    return [replace(each, shares=np.where(rng.random(each.shares.shape[1:]) > annotated, 0, each.shares))
            for each in squares(count, seed)]


def with_distances(examples: list[ArrayExample]) -> list[ArrayExample]:
    """The same, each with numbers that stand for distances."""
    return [replace(each, distances=each.shares[1:] // 2) for each in examples]


@dataclass(frozen=True)
class Trap(ArrayExample):
    """Ends every process that cuts it but the one that has made it.

    Attributes:
        safe: the number of that.
        how: what happens to another: it is killed, or told that a file is gone.
    """

    safe: int = 0
    how: str = "killed"

    def cut(self, box: Box) -> Piece:
        if os.getpid() != self.safe and self.how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if os.getpid() != self.safe:
            raise FileError("a.frame: it is gone. Start again.")
        return super().cut(box)


def trapped(examples: list[ArrayExample], how: str) -> list[ArrayExample]:
    """The same, as traps for other processes."""
    return [Trap(each.name, each.image, each.shares, safe=os.getpid(), how=how) for each in examples]
