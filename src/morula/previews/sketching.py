"""First masks that small trees learn from strokes: those on the frame itself, and on others drawn on lately."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from threading import Lock

import numpy as np

from morula.projects.file_marks import mark
from morula.projects.open_annotations import OpenAnnotations
from morula.projects.project import Project, Source
from morula.sketches.features import Filtered
from morula.sketches.forest import Sketch, filtered

LARGEST = 2**24
"""Pixels of a frame that is drawn at once, at most."""
OTHERS = 3
"""Frames that teach beside the one that is sketched."""
FILTERED = 4
"""Frames whose features are kept."""

Place = tuple[Source, int]
"""A frame of an image."""


class Sketching:
    """What strokes say of frames that are not yet finished."""

    def __init__(self, project: Project, annotations: OpenAnnotations):
        self._project, self._annotations = project, annotations
        self._filtered: OrderedDict[tuple[Source, int, tuple[int, int] | None], Filtered] = OrderedDict()
        self._drawn: OrderedDict[Place, None] = OrderedDict()
        self._lock = Lock()

    def drew(self, place: Place) -> None:
        """A stroke was made on a frame."""
        if is_large(self._project, place[0]):
            return
        with self._lock:
            self._drawn[place] = None
            self._drawn.move_to_end(place)

    def can_tell(self, place: Place) -> bool:
        """Whether there is something to learn from, and to find: a part of the frame is drawn."""
        source, frame = place
        return not self._project.settings.objects and self._annotations.notes(source).state(frame) == "partly"

    def mask(self, place: Place) -> np.ndarray:
        """The sketch of a frame, uint8 `(*space)`, learned from it and from others drawn on lately.

        Raises:
            RequestError: strokes are missing; the words say which.
        """
        with self._lock:
            lately = [each for each in reversed(self._drawn) if each != place]
        seen = [(source, frame) for source, frame in lately
                if frame not in self._annotations.notes(source).interpolated]
        return self.taught(place, [place, *seen[:OTHERS]])

    def taught(self, place: Place, teachers: Sequence[Place]) -> np.ndarray:
        """The sketch of a frame, uint8 `(*space)`, learned from what was drawn on those of its kind.

        Raises:
            RequestError: strokes are missing; the words say which.
        """
        here = self._seen(place)
        examples = [(seen, self._annotations.of(source).whole(frame))
                    for source, frame in teachers if _alike(seen := self._seen((source, frame)), here)]
        return Sketch.learn(examples, len(self._project.settings.classes)).mask(here)

    def _seen(self, place: Place) -> Filtered:
        """A frame as its filters see it."""
        source, frame = place
        seen = source, frame, mark(source.file)
        if seen not in self._filtered:
            keep(self._filtered, seen, filtered(self._project.image(source).frame(frame)), FILTERED)
        return self._filtered[seen]


def is_large(project: Project, source: Source) -> bool:
    """Whether the frames of an image are too large to be drawn at once."""
    return np.prod(project.image(source).space, dtype=float) > LARGEST


def _alike(one: Filtered, other: Filtered) -> bool:
    return (one.channels, len(one.space)) == (other.channels, len(other.space))


def keep(kept: OrderedDict, name: Hashable, value: object, most: int) -> None:
    """Remember one more, and forget the oldest of too many."""
    kept[name] = value
    kept.move_to_end(name)
    while len(kept) > most:
        kept.popitem(last=False)
