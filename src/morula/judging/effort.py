"""How many objects of known truth are measured to learn how sure measures are: the more, the longer a model learned."""

from __future__ import annotations

from math import prod

OBJECTS, TRAINED = 20, 40
"""Held-out objects that are looked at, about, and objects that were learned from, after minutes of learning."""

LEARNED = 2**22
"""Pixels that must have been learned from for each of them: it takes some hundredths of the time of that learning."""

FRAMES, FRAME_PIXELS = 3, 2**24
"""Pixels of all frames that are segmented for them, about; so many frames are, however large."""

PIXELS = 2**22
"""Of the boxes around all objects that are measured, likewise: half a minute's work. Of larger objects, fewer are."""

VOXEL = 4
"""A voxel takes as long as so many pixels."""


def objects_measured(learned: int) -> tuple[int, int]:
    """Held-out objects that are looked at, and objects that were learned from, after learning from so many pixels."""
    return _measured(learned, OBJECTS), _measured(learned, TRAINED)


def pixels_measured(learned: int) -> int:
    """Of the boxes around all these objects, at most."""
    return _measured(learned, PIXELS)


def frames_segmented(size: float) -> int:
    """Frames that are segmented for them at most, of so many pixels each."""
    return max(FRAMES, int(FRAME_PIXELS / size))


def work(box: tuple[int, ...]) -> int:
    """How long it takes to measure an object in a box of this shape, in pixels."""
    return prod(box) * (VOXEL if len(box) == 3 else 1)


def _measured(learned: int, most: int) -> int:
    return round(min(1.0, learned / (LEARNED * (OBJECTS + TRAINED))) * most)
