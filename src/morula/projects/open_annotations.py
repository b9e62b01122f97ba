"""The annotations that are being worked on, and the mask files that follow them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, RLock, Thread

import numpy as np

from morula.errors import FileError, MorulaError, RequestError
from morula.names.endings import plain_stem
from morula.projects.annotation import Annotation
from morula.projects.file_marks import mark
from morula.projects.frame_states import Notes, noted_images
from morula.projects.project import Project, Source

PAUSE = 1.0
"""Seconds without a stroke on an image after which its mask file is written."""
KEPT = 32
"""Annotations that are kept open: each holds a file, of which a process may have some hundreds."""


class OpenAnnotations:
    """What was drawn on each image of a project, opened when it is first needed.

    Attributes:
        trouble: what went wrong when a mask file was last written, in words; empty if nothing did.
    """

    def __init__(self, project: Project, taken: Callable[[Source, Sequence[int]], None] = lambda source, frames: None):
        """Open none yet.

        Args:
            project: whose they are.
            taken: told of frames whose mask another program has changed, once it is taken over.
        """
        self.trouble = ""
        self._project, self._taken = project, taken
        self._open: OrderedDict[str, tuple[int, Annotation]] = OrderedDict()
        self._given: dict[tuple[str, int], int] = {}
        self._lock, self._over = RLock(), Event()
        self._writer = Thread(target=self._keep_up, daemon=True)
        self._writer.start()

    def of(self, source: Source) -> Annotation:
        """What was drawn on an image; taken up anew where the image or its mask file was changed by others.

        Raises:
            FileError: the image or its mask file cannot be read.
        """
        if clash := self._project.clash(source):
            raise FileError(clash)
        with self._lock:
            changed = source.file.stat().st_mtime_ns if source.file.exists() else 0
            known = self._open.get(source.id)
            if known is None or known[0] != changed or known[1].is_outdated:
                known = self._open[source.id] = (changed, Annotation(self._project, source))
                if known[1].taken:
                    self._taken(source, known[1].taken)
            self._open.move_to_end(source.id)
            for identity, (_, annotation) in list(self._open.items())[:-KEPT]:
                if not annotation.notes.behind:  # whoever still works with it keeps it alive
                    del self._open[identity]
            return known[1]

    def notes(self, source: Source) -> Notes:
        """What is known of an annotation, without opening it where nothing was ever drawn.

        Raises:
            FileError: the image or its mask file cannot be read.
        """
        with self._lock:
            notes = Notes.of(self._project, source)
            current = notes.behind or notes.written == mark(self._project.mask(source))
            return notes if current and source.id not in self._open else self.of(source).notes

    def known(self, sources: Sequence[Source]) -> set[str]:
        """The ids of images of which there are notes: of others nothing was drawn. Asked at once for thousands."""
        with self._lock:
            noted = noted_images(self._project) | self._open.keys()
        stems = self._project.mask_stems
        return {source.id for source in sources if source.id in noted or plain_stem(source.path) in stems}

    def numbers(self, source: Source, frame: int, count: int, *, above: int = 0) -> range:
        """Numbers for new objects of a frame, which no object there has, and which nobody else is given.

        Args:
            source: the image.
            frame: of it.
            count: how many.
            above: what they are higher than in any case.

        Raises:
            FileError: the image or its mask file cannot be read.
            RequestError: there are no more.
        """
        highest = self.of(source).highest(frame)
        with self._lock:
            first = max(above, highest, self._given.get((source.id, frame), 0)) + 1
            if first + count > self._project.settings.not_annotated:
                raise RequestError("This frame has as many objects as can be told apart.")
            self._given[source.id, frame] = first + count - 1
            return range(first, first + count)

    def apart(self, source: Source, frame: int, objects: np.ndarray) -> np.ndarray:
        """Objects `(*space)` for a frame, each with a number that no other one drawn in it has.

        Args:
            source: the image.
            frame: of it.
            objects: their numbers; one that lies on a drawn one of its number is the same, and keeps it. What nobody
                annotated stays that.

        Raises:
            FileError: the image or its mask file cannot be read.
            RequestError: there are no more numbers.
        """
        annotation = self.of(source)
        own = annotation.region(frame, annotation.image.whole)
        unknown = self._project.settings.not_annotated
        taken = np.setdiff1d(np.intersect1d(own, objects), [*np.unique(own[own == objects]), 0, unknown])
        if not taken.size:
            return objects
        numbers = np.arange(int(objects.max()) + 1)
        highest = int(objects.max(initial=0, where=objects != unknown))
        numbers[taken.astype(np.intp)] = self.numbers(source, frame, len(taken), above=highest)
        return numbers[objects.astype(np.intp)]

    def write_all(self) -> None:
        """Bring all mask files up to date.

        Raises:
            OutputError: one cannot be written.
        """
        for _, annotation in list(self._open.values()):
            annotation.write()
        self.trouble = ""

    def forget(self) -> None:
        """Write all, and open each anew when it is needed: what numbers mean has changed."""
        with self._lock:
            self.write_all()
            self._open.clear()

    def close(self) -> None:
        """Write all, and follow them no more."""
        self._over.set()
        self._writer.join()
        with suppress(MorulaError):  # the working copies have everything, and are written from when opened again
            self.write_all()

    def _keep_up(self) -> None:
        looked: dict[str, tuple[int, int] | None] = {}
        while not self._over.wait(PAUSE / 4):
            for identity, (_, annotation) in list(self._open.items()):
                if time.monotonic() - annotation.drawn < PAUSE:
                    continue
                try:
                    behind = annotation.notes.behind
                    annotation.write()
                    self.trouble = "" if behind else self.trouble
                except MorulaError as error:
                    self.trouble = str(error)
                with suppress(MorulaError, OSError):  # it may not be whole yet; whoever asks for it is told
                    now = mark(self._project.mask(annotation.source))
                    if annotation.is_outdated and looked.get(identity, ()) != now:
                        looked[identity] = now
                        self.of(annotation.source)
