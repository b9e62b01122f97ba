"""What follows learning, and how long it takes: so that all of a training ends when its minutes do."""

from __future__ import annotations

from dataclasses import dataclass

from morula.judging.effort import objects_measured

FRAMES, PIXELS = 150, 2**25
"""Frames that are segmented, at most, and pixels of all together: to try eight bits, to learn what masks are worth and
what is usual, and to remember how frames look."""
TIMES = 2
"""How often each is, where they are few."""
VOLUMES = 0.2
"""What a volume takes of the time that it takes to score one while learning, once the network is compiled."""
OBJECT = 0.16
"""Seconds in which the measures of an object are drawn and compared."""
ALWAYS = 1.5
"""Seconds for compiling, and for writing the model."""


@dataclass(frozen=True)
class Afterwards:
    """What is done once a network has learned. The numbers were measured on many trainings, and are right about.

    Attributes:
        frames: that the training and its validation have together.
        pixels: of one, as the network sees it.
        axes: its spatial axes.
        held: frames that are scored at the end.
        judged: whether a model is made of the network, with all that it learns of itself, or only its score.
        looked: whether a network that is only scored says of its masks, too, how good they seem.
        again: seconds in which the annotations are looked at again.
    """

    frames: int
    pixels: int
    axes: int
    held: int
    judged: bool = True
    looked: bool = False
    again: float = 0.0

    def seconds(self, frame: float, learned: int) -> float:
        """How long all of it takes.

        Args:
            frame: seconds in which a frame is scored.
            learned: pixels that will have been learned from; the more, the more objects are measured.
        """
        if not self.judged:
            return self.held * frame * (1 + TIMES * self.looked)
        segmented = self.held + min(FRAMES, TIMES * self.frames, PIXELS / self.pixels)
        measured = sum(objects_measured(learned)) if self.held else 0
        return ALWAYS + segmented * frame * (VOLUMES if self.axes == 3 else 1) + OBJECT * measured + self.again
