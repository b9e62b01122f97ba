"""How fast a network learns at every step: a rate that has fallen to nothing where the training ends."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Schedule:
    """The rate rises for `warm_up` steps, then falls to nothing at `end`, both along a line.

    The end may be moved while the network learns, as a machine becomes slower or faster: what is left of the fall
    becomes longer or shorter, and goes on from where it is.

    Attributes:
        warm_up: steps until the rate is at its highest.
        end: steps in all; None while nobody knows.
        moved: the step at which the end was moved, if that is after the rise.
        fallen: the part of the fall that lay behind then.
    """

    warm_up: int
    end: int | None = None
    moved: int = 0
    fallen: float = 0.0

    def share(self, step: int) -> float:
        """The part of the fall that lies behind at a step, 0 to 1."""
        since = max(self.moved, self.warm_up)
        if step < since or self.end is None:
            return self.fallen
        return min(1.0, self.fallen + (1 - self.fallen) * (step - since) / max(1, self.end - since))

    def rate(self, step: int) -> float:
        """The share of the highest rate at a step, the first of which is 0."""
        if step < self.warm_up or self.end is None:
            return min(1.0, (step + 1) / self.warm_up)
        return 1 - self.share(step)

    def ending(self, end: int, step: int) -> Schedule:
        """The same to this step, and from there on to another end."""
        return replace(self, end=end, moved=step, fallen=self.share(step))
