"""How many more steps fit into the time that is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

from morula.models.batch_sizes import BatchSizes

COUNTED, SURE = 48, 24
"""Steps that tell how long one takes, at most, and at least before an end is moved. The later half of them counts, for
the first are slower, and of these the median, for a single one that was disturbed must not move the end."""
OFF, OFF_SECONDS = 0.03, 0.9
"""A training may end so much too early or too late, as a share of its time and in seconds, whichever is more. How long
a step takes changes from moment to moment, and a training whose end stays can be repeated exactly."""

BESIDES = 2
"""A step takes as long as if it learned from so many patches more: weights are updated however few there are."""


class Clock:
    """What a step and a validation take on this machine, now.

    Attributes:
        validation: how long the last validation took, in seconds; None before the first.
    """

    def __init__(self, sizes: BatchSizes):
        self.validation: float | None = None
        self._sizes = sizes
        self._steps: deque[float] = deque(maxlen=COUNTED)

    def took(self, step: int, seconds: float) -> None:
        """Count a step, the first of which is 0."""
        self._steps.append(seconds / (self._sizes.at(step) + BESIDES))

    @property
    def is_sure(self) -> bool:
        """Whether enough steps were counted."""
        return len(self._steps) >= SURE

    def end(self, step: int, left: float, validations: Callable[[int], int]) -> int:
        """The step at which the time will be up.

        Args:
            step: steps that were made.
            left: seconds that are left.
            validations: how many there will still be before a training has ended at a given step.
        """
        each = self.validation or 0.0
        last = self._reached(step, left - each)
        return self._reached(step, left - max(1, validations(last)) * each)

    def seconds(self, first: int, last: int) -> float:
        """How long the steps from one to another take; negative if the other comes before."""
        patches = self._sizes.until(last) - self._sizes.until(first) + BESIDES * (last - first)
        return patches * median(list(self._steps)[len(self._steps) // 2 :])

    def is_off(self, planned: int, end: int, whole: float) -> bool:
        """Whether a training of so many seconds that was to end at one step should rather end at another."""
        return abs(self.seconds(planned, end)) > max(OFF_SECONDS, OFF * whole)

    def _reached(self, step: int, seconds: float) -> int:
        """The last step that is made in so many seconds."""
        near, far = step, step + 1
        while self.seconds(step, far) <= seconds:
            near, far = far, far + 2 * (far - step)
        while far - near > 1:
            middle = (near + far) // 2
            near, far = (middle, far) if self.seconds(step, middle) <= seconds else (near, middle)
        return near
