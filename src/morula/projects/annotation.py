"""What was drawn on an image: on disk with every stroke, and as a mask file that any program reads.

Strokes go into a working copy, changed in place on disk, so that each is kept as soon as it is made, however large the
image is. What nobody touched is stored as 0: such a file takes no room. The mask file follows after a moment without
strokes, and before any work begins with it.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from threading import RLock

import numpy as np

from morula.images.image import Box, Image
from morula.images.write import write_mask_of
from morula.projects.file_marks import digest, mark
from morula.projects.foreign_masks import foreign_mask, is_as_written, keep_as_found
from morula.projects.frame_states import KEPT, FrameFinished, Notes, about
from morula.projects.history import History
from morula.projects.project import Project, Source
from morula.projects.sparse_frames import SparseFrames, put_in_place
from morula.projects.strokes import Area, Stroke

COUNTED = 2**24
"""Pixels of a frame in which it is looked whether anything is left of what was drawn."""


class Annotation:
    """The working copy of what was drawn on one image, and the mask file that follows it.

    Attributes:
        source: where the image is.
        image: what was drawn on.
        dtype: of the numbers: 8 bits for classes, 16 for objects.
        revision: a number that grows with every change.
        drawn: when it last changed, by the monotonic clock.
        lock: held by whoever changes it.
        taken: the frames that another program has changed since this was worked on last.
    """

    def __init__(self, project: Project, source: Source):
        """Take up what is there.

        Raises:
            FileError: the image or the mask file cannot be read, or they do not fit.
        """
        self._project, self.source, self.image = project, source, project.image(source)
        self.dtype = np.dtype(np.uint16 if project.settings.objects else np.uint8)
        self._unknown = project.settings.not_annotated
        self.lock = RLock()
        self._about = about(project, source)
        self._highest: dict[int, int] = {}
        self.revision = 0
        self.drawn = 0.0
        self.taken: list[int] = []
        self._take_up()

    @property
    def is_outdated(self) -> bool:
        """Whether another program has written or removed the mask file; what is not yet in it counts more."""
        return not self.notes.behind and self.notes.written != mark(self._project.mask(self.source))

    def region(self, frame: int, box: Box, step: int = 1) -> np.ndarray:
        """The numbers of a part of a frame, `(*box)`; what nobody annotated is 255, or 65535 where objects count.

        Of rows and columns, one of `step` is read.
        """
        numbers = self._stored.read(frame, box, step)
        numbers -= self.dtype.type(1)  # stored numbers are higher by one
        return numbers

    def highest(self, frame: int) -> int:
        """The highest number that was drawn in a frame, also of what was erased since this was first asked."""
        with self.lock:
            if frame not in self._highest:
                self._highest[frame] = max(self._stored.highest(frame) - 1, 0)
            return self._highest[frame]

    def recount(self) -> int:
        """The highest number that is there now, in any frame."""
        with self.lock:
            frames = self.notes.touched
            self.notes.highest = max((max(self._stored.highest(frame) - 1, 0) for frame in frames), default=0)
            return self.notes.highest

    def draw(self, stroke: Stroke) -> int:
        """Keep a stroke; pixels of locked objects stay as they are.

        Returns:
            the new revision.

        Raises:
            ValueError: it does not lie in the image, or holds a number that is no class.
            FrameFinished: nothing may be drawn.
        """
        plane = stroke.plane
        slices = self.image.space[0] if len(self.image.space) == 3 else 1
        height, width = self.image.space[-2:]
        if stroke.t >= self.image.frames or stroke.z >= slices or plane[0].stop > height or plane[1].stop > width:
            raise ValueError(f"The stroke lies outside the image of {self.image.extent} pixels.")
        self.ensure_known(stroke.runs[::2])
        box: Box = (slice(stroke.z, stroke.z + 1), *plane) if len(self.image.space) == 3 else plane
        with self.lock:
            before = self.region(stroke.t, box)
            self.ensure_open(stroke.t)
            self._put(stroke.t, box, stroke.on(before.reshape(before.shape[-2:])).reshape(before.shape))
            self._count(stroke.t, np.array(stroke.runs[::2]))
            self.notes.interpolated.discard(stroke.t)
            return self._changed(stroke.t)

    def paint(self, area: Area) -> int:
        """Keep an area, some rows at a time; as for a stroke.

        Raises:
            ValueError: its number is that of no class.
            FrameFinished: nothing may be drawn.
        """
        self.ensure_known([area.number])
        with self.lock:
            boxes = area.bands(self.image.space)
            return self.replace_parts(
                area.t, ((box, area.on(self.region(area.t, box), box, self._unknown)) for box in boxes))

    def ensure_open(self, frame: int) -> None:
        """Make sure that something may be drawn in a frame.

        Raises:
            FrameFinished: it may not.
        """
        if frame in self.notes.finished:
            raise FrameFinished("This frame is finished, so nothing changes it. Press F to go on with it.")

    def fill(self, frame: int, numbers: np.ndarray, part: Box | None = None) -> int:
        """Take numbers for what nobody annotated in a frame, or in a part of it; returns the revision.

        Raises:
            FrameFinished: nothing may be drawn.
        """
        with self.lock:
            own = self.region(frame, part or self.image.whole)
            return self.replace(frame, np.where(own == self._unknown, numbers, own), part)

    def replace(self, frame: int, numbers: np.ndarray, part: Box | None = None) -> int:
        """Take numbers for all of a frame, or for a part of it whose shape they have, but for locked objects; returns
        the revision.

        Raises:
            FrameFinished: nothing may be drawn.
        """
        return self.replace_parts(frame, [(part or self.image.whole, numbers)])

    def replace_parts(self, frame: int, parts: Iterable[tuple[Box, np.ndarray]]) -> int:
        """The same for several parts; each is made when its turn comes."""
        with self.lock:
            self.ensure_open(frame)
            for box, numbers in parts:
                self._put(frame, box, numbers)
                self._count(frame, numbers)
            self.notes.interpolated.discard(frame)
            return self._changed(frame)

    def clear(self, frame: int) -> int:
        """Take back all that was drawn on a frame, and what was said of it; returns the revision."""
        with self.lock:
            self.notes.forget(frame)
            return self.replace(frame, np.full(self.image.space, self._unknown, self.dtype))

    def _clear_all(self) -> None:
        with self.lock:
            for frame in self.notes.touched:
                self.keep_copy(frame)
            self.taken, self.notes = sorted(self.notes.touched), Notes(highest=self.notes.highest)  # copies may have it
            for frame in self.taken:
                self._put(frame, self.image.whole, np.full(self.image.space, self._unknown, self.dtype))
            self.revision += 1
            self._note(behind=False)

    def keep_copy(self, frame: int) -> None:
        """Put a copy of a frame into the history, if anything is annotated in it.

        Raises:
            OutputError: it cannot be written.
        """
        if frame in self.notes.touched:
            History(self._project).keep(self.source, frame, self.region(frame, self.image.whole))

    def set_finished(self, frame: int, finished: bool) -> None:
        """Say whether all of a frame is annotated."""
        with self.lock:
            (self.notes.finished.add if finished else self.notes.finished.discard)(frame)
            self._note(behind=True)

    def set_locked(self, frame: int, objects: Sequence[int]) -> None:
        """Say which objects of a frame nothing changes from now on."""
        with self.lock:
            self.notes.locked.pop(frame, None)
            if objects:
                self.notes.locked[frame] = sorted(objects)
            self._note(behind=self.notes.behind)

    def set_interpolated(self, frame: int, interpolated: bool) -> None:
        """Whether what is drawn in a frame lies between those beside it, and nobody saw it."""
        with self.lock:
            (self.notes.interpolated.add if interpolated else self.notes.interpolated.discard)(frame)
            self._note(behind=True)

    def set_review(self, frame: int, said: str | None) -> None:
        """Keep what a person said of the mask that a model drew of a frame."""
        with self.lock:
            self.notes.reviews.pop(frame, None)
            if said:
                self.notes.reviews[frame] = said
            self._note(behind=self.notes.behind)

    def write(self) -> None:
        """Bring the mask file up to date; without anything annotated, there is none.

        Raises:
            OutputError: it cannot be written.
        """
        with self.lock:
            if not self.notes.behind:
                return
            found = self._project.mask(self.source)
            path = found if is_as_written(found, self.source.path) else self._project.own_mask(self.source)
            if (self.notes.touched | self.notes.finished) - self.notes.interpolated:
                write_mask_of(self.image, path, map(self._seen, range(self.image.frames)))
            else:
                path.unlink(missing_ok=True)
            if path != found and found.exists():
                keep_as_found(self._project, found)
            self._note_written(path)

    def write_merged(
        self, prediction: Image | None, path: Path, own: Container[int], rejected: Container[int] = ()
    ) -> None:
        """Write a mask whose frames are those that a model drew, but for some that are taken from here.

        Args:
            prediction: what the model drew, if there is a model; without, nothing is known of the other frames.
            path: the file to write.
            own: the numbers of the frames that are taken from here.
            rejected: those of frames of which nothing is known, either.
        """
        def numbers(frame: int) -> np.ndarray:
            if frame in own:
                return self.whole(frame)
            if prediction is None or frame in rejected:
                return np.full(self.image.space, self._unknown, self.dtype)
            return prediction.frame(frame)[0].astype(self.dtype)

        write_mask_of(self.image, path, map(numbers, range(self.image.frames)))

    def _seen(self, frame: int) -> np.ndarray:
        """A frame `(*space)` as it stands in the mask file, from which models learn: nothing that nobody saw."""
        if frame in self.notes.interpolated:
            return np.full(self.image.space, self._unknown, self.dtype)
        return self.whole(frame)

    def whole(self, frame: int) -> np.ndarray:
        """A frame `(*space)` as it counts: of a finished one, all is known."""
        numbers = self.region(frame, self.image.whole)
        finished = frame in self.notes.finished
        return np.where(numbers == self._unknown, 0, numbers).astype(self.dtype) if finished else numbers

    def _take_up(self) -> None:
        shape = (self.image.frames, *self.image.space)
        path = self._project.mask(self.source)
        numbers = self._about.with_suffix(".npy")
        put_in_place(numbers, shape, self.dtype, beside=self._about)
        self._stored = SparseFrames(numbers, shape, self.dtype)
        known = not self._stored.new
        said = Notes.of(self._project, self.source)
        self.notes = said if known else Notes()
        if path.is_file() and not (known and (self.notes.behind or self.notes.written == mark(path))):
            self._read(path)
            self.taken = self.taken if known else []
        elif known and self.notes.written and not self.notes.behind and not path.is_file():
            self._clear_all()
        if not known and said.digest == digest(path):  # of an archive, which has no working copies
            self.notes.take_over(said, self.image.frames)
            self._note(behind=False)

    def _read(self, path: Path) -> None:
        """Take over the frames of a mask file that another program changed; a folder that was copied has none."""
        mask = foreign_mask(path, self.image, self._project.settings, self._seen)
        for frame in range(self.image.frames):
            numbers = mask.frame(frame)[0]
            if not np.array_equal(numbers, self._seen(frame)):
                self._take(frame, numbers)
            self._count(frame, numbers)
        self._note_written(path)

    def _take(self, frame: int, numbers: np.ndarray) -> None:
        """Numbers of another program for a frame, of which nothing counts that was said before."""
        self.keep_copy(frame)
        self.taken.append(frame)
        self.notes.forget(frame)
        self._put(frame, self.image.whole, numbers)
        touched = numbers != self._unknown
        if touched.any():
            self.notes.touched.add(frame)
            if touched.all():
                self.notes.finished.add(frame)

    def _changed(self, frame: int) -> int:
        small = np.prod(self.image.space, dtype=float) <= COUNTED
        bare = small and not self._stored.any(frame)
        (self.notes.touched.discard if bare else self.notes.touched.add)(frame)
        if bare and self.notes.reviews.get(frame) in KEPT:
            del self.notes.reviews[frame]  # nothing is left of what was accepted
        self.revision += 1
        self.drawn = time.monotonic()
        self._note(behind=True)
        return self.revision

    def _count(self, frame: int, numbers: np.ndarray) -> None:
        highest = int(numbers.max(initial=0, where=numbers != self._unknown))
        self.notes.highest = max(self.notes.highest, highest)
        if frame in self._highest:
            self._highest[frame] = max(self._highest[frame], highest)

    def _note_written(self, path: Path) -> None:
        self.notes.written, self.notes.digest = mark(path), digest(path)
        self._note(behind=False)

    def _note(self, *, behind: bool) -> None:
        self.notes.behind = behind
        self._stored.reach_the_disk()  # first, or notes could tell of what a pulled plug has taken
        self.notes.write(self._about)

    def ensure_known(self, numbers: Iterable[int]) -> None:
        """Make sure that these are numbers of classes, or of what nobody annotated.

        Raises:
            ValueError: one is not.
        """
        if self._project.settings.objects:
            return
        classes = len(self._project.settings.classes)
        strange = {number for number in numbers if number > classes and number != self._unknown}
        if strange:
            raise ValueError(f"There is no class {min(strange)}: the last one is {classes}.")

    def _put(self, frame: int, box: Box, numbers: np.ndarray) -> None:
        if locked := self.notes.locked.get(frame):
            own = self.region(frame, box)
            numbers = np.where(np.isin(own, locked), own, numbers)
        self._stored.write(frame, box, np.add(numbers, 1, dtype=self.dtype, casting="unsafe"))
