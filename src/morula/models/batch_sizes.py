"""How many patches a step learns from: few at first, and more later."""

from __future__ import annotations

from dataclasses import dataclass

GROWN = 1024
"""The step from which on batches are as large as they get."""


@dataclass(frozen=True)
class BatchSizes:
    """Patches in each step, the first of which is 0.

    While everything is wrong yet, few patches show the way as well as many, and many steps of few are made in the time
    of one of many. Later on, what few patches happen to say drowns what is left to learn (S. McCandlish et al.,
    arXiv 1812.06162). A size follows from its step alone: nobody needs to know how long a training will be.

    Attributes:
        first: patches at first.
        last: patches in the end.
    """

    first: int
    last: int

    def at(self, step: int) -> int:
        """Patches in a step.

        >>> [BatchSizes(4, 16).at(step) for step in (0, 200, 512, 1024, 5000)]
        [4, 4, 8, 16, 16]
        """
        return max(self.first, min(self.last, step * self.last // GROWN))

    def until(self, step: int) -> int:
        """Patches in all steps before one."""
        grown = (-(-size * GROWN // self.last) for size in range(self.first + 1, self.last + 1))
        return self.first * step + sum(max(0, step - since) for since in grown)

    def __str__(self) -> str:
        return str(self.last) if self.first == self.last else f"{self.first} to {self.last}"
