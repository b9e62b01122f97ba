"""A first mask while strokes are drawn: learned from them again after each, in a thread that only does the latest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Condition, Thread

import numpy as np

from morula.errors import MorulaError
from morula.projects.open_annotations import OpenAnnotations
from morula.projects.project import Project, Source
from morula.sketches.features import Filtered
from morula.sketches.forest import Sketch, filtered
from morula.studio.announcements import Announcements

LARGEST = 2**24
"""Pixels of a frame that is sketched, at most."""
OTHERS = 3
"""Frames that were drawn on lately and teach, too."""
FILTERED = 4
"""Frames whose features are kept."""
KEPT = 32
"""Sketches that are kept."""

Place = tuple[Source, int]
"""A frame of an image."""


class Sketching:
    """First masks of frames that no model has drawn yet. Pages are told when one is there, or what it lacks."""

    def __init__(self, project: Project, annotations: OpenAnnotations, announcements: Announcements):
        self._project, self._annotations, self._announcements = project, annotations, announcements
        self._masks: OrderedDict[Place, np.ndarray] = OrderedDict()
        self._filtered: OrderedDict[Place, Filtered] = OrderedDict()
        self._drawn: OrderedDict[Place, None] = OrderedDict()
        self._wanted: Place | None = None
        self._over = False
        self._changed = Condition()
        self._worker = Thread(target=self._work, daemon=True)
        self._worker.start()

    def mask(self, source: Source, frame: int) -> np.ndarray | None:
        """The sketch of a frame, uint8 `(*space)`, if there is one."""
        return self._masks.get((source, frame))

    def drew(self, source: Source, frame: int) -> None:
        """A stroke was made: sketch the frame again, once what is being sketched is done."""
        if self._project.settings.objects or self._project.prediction(source):
            return
        with self._changed:
            self._drawn[source, frame] = None
            self._drawn.move_to_end((source, frame))
            self._wanted = source, frame
            self._changed.notify()

    def close(self) -> None:
        """Sketch no more."""
        with self._changed:
            self._over = True
            self._changed.notify()
        self._worker.join()

    def _work(self) -> None:
        import sklearn.ensemble  # noqa: F401 - it takes a second, which the first stroke should not wait for

        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._over or self._wanted)
                if self._over or self._wanted is None:
                    return
                (source, frame), self._wanted = self._wanted, None
            words = ""
            try:
                _keep(self._masks, (source, frame), self._sketched(source, frame), KEPT)
            except MorulaError as error:
                words = str(error)
                self._masks.pop((source, frame), None)
            self._announcements.tell("sketch", {"id": source.id, "t": frame, "words": words})

    def _sketched(self, source: Source, frame: int) -> np.ndarray:
        here = self._seen((source, frame))
        examples = [(here, self._strokes((source, frame))), *self._others((source, frame), here)]
        return Sketch.learn(examples, len(self._project.settings.classes)).mask(here)

    def _others(self, place: Place, like: Filtered) -> Iterator[tuple[Filtered, np.ndarray]]:
        """Frames of the same kind that were drawn on before."""
        with self._changed:
            lately = [each for each in reversed(self._drawn) if each != place][:OTHERS]
        for each in lately:
            seen = self._seen(each)
            if (seen.channels, len(seen.space)) == (like.channels, len(like.space)):
                yield seen, self._strokes(each)

    def _seen(self, place: Place) -> Filtered:
        """A frame as its filters see it."""
        if place not in self._filtered:
            image = self._project.image(place[0])
            if np.prod(image.space, dtype=float) > LARGEST:
                raise MorulaError("This image is too large for a first mask from strokes. Train a model.")
            _keep(self._filtered, place, filtered(image.frame(place[1])), FILTERED)
        return self._filtered[place]

    def _strokes(self, place: Place) -> np.ndarray:
        annotation = self._annotations.of(place[0])
        return np.asarray(annotation.region(place[1], annotation.image.whole))


def _keep(kept: OrderedDict, place: Place, value: object, most: int) -> None:
    """Remember one more, and forget the oldest of too many."""
    kept[place] = value
    kept.move_to_end(place)
    while len(kept) > most:
        kept.popitem(last=False)
