"""The way back to what was drawn earlier, after anything but a stroke changed much of a frame at once.

A copy is put aside before, and what changed is noted, so that it can be taken back alone.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from morula.files import whole_file
from morula.images.image import Box
from morula.images.read import open_image
from morula.images.write import write_mask
from morula.projects.annotation import Annotation
from morula.projects.project import NotThere, Project, Source

KEPT = 20
"""Copies of a frame, at most; the oldest go."""
UNDONE = 7 * 24 * 3600
"""Seconds for which a change can be taken back: longer than a page is open."""


@dataclass(frozen=True)
class Version:
    """A copy of the annotation of a frame.

    Attributes:
        version: its name.
        when: it was made, as ISO 8601.
    """

    version: str
    when: str


class History:
    """The copies of a project's annotations."""

    def __init__(self, project: Project):
        self._folder = project.hidden / "history"

    def keep(self, source: Source, frame: int, annotation: Annotation) -> None:
        """Put a copy of a frame aside, if anything is annotated in it.

        Raises:
            OutputError: it cannot be written.
        """
        if frame not in annotation.notes.touched:
            return
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        numbers = annotation.region(frame, annotation.image.whole)
        write_mask(self._of(source, frame) / f"{now}.tif", [np.ascontiguousarray(numbers)], pixel_size=None)
        for old in sorted(self._of(source, frame).glob("[!.]*.tif"))[:-KEPT]:
            old.unlink(missing_ok=True)

    def versions(self, source: Source, frame: int) -> list[Version]:
        """The copies of a frame, the newest first."""
        names = sorted((path.stem for path in self._of(source, frame).glob("[!.]*.tif")), reverse=True)
        return [Version(name, datetime.strptime(name, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC).isoformat())
                for name in names if _is_version(name)]

    def read(self, source: Source, frame: int, version: str) -> np.ndarray:
        """A copy, `(*space)`.

        Raises:
            NotThere: there is none of this name.
        """
        path = self._of(source, frame) / f"{version}.tif"
        if not _is_version(version) or not path.is_file():
            raise NotThere("There is no such earlier version.")
        return open_image(path).frame()[0]

    def _of(self, source: Source, frame: int) -> Path:
        return self._folder / source.id / str(frame)


class Change:
    """Something that changes a frame, and that can be taken back.

    Attributes:
        name: by which it can be taken back; empty if nothing changed.
    """

    def __init__(self) -> None:
        self.name = ""


class Changes:
    """What changed frames at once. Each change is a file that says what was there before and after."""

    def __init__(self, project: Project):
        self._folder = project.hidden / "changes"
        for path in self._folder.glob("*/*.npz"):
            if path.stat().st_mtime < time.time() - UNDONE:
                path.unlink(missing_ok=True)

    @contextmanager
    def noted(self, source: Source, frame: int, annotation: Annotation, *, pixels: bool = True) -> Iterator[Change]:
        """Note what is changed within.

        Args:
            source: the image.
            frame: of it.
            annotation: what is drawn on it; nobody else changes it within.
            pixels: whether numbers are changed, and not only what is said of the frame.

        Raises:
            FrameFinished: numbers may not be changed.
            OutputError: the change cannot be kept.
        """
        box: Box = annotation.image.whole if pixels else tuple(slice(0, 0) for _ in annotation.image.space)
        change = Change()
        with annotation.lock:
            if pixels:
                annotation.ensure_open(frame)
            before, said = annotation.region(frame, box), _said(annotation, frame)
            yield change
            after, says = annotation.region(frame, box), _said(annotation, frame)
            own = _around(before != after)
            words = [{name: value for name, value in each.items() if said[name] != says[name]} for each in (said, says)]
            if not before[own].size and not words[0]:
                return
            change.name = secrets.token_hex(8)
            with whole_file(self._file(source, change.name)) as path, path.open("wb") as file:
                np.savez_compressed(file, before=before[own], after=after[own], start=[part.start for part in own],
                                    space=annotation.image.space, frame=frame, said=json.dumps(words))

    def make(self, source: Source, annotation: Annotation, name: str, *, back: bool) -> int:
        """Take a change back, or make it again: only what it changed is changed. Returns its frame.

        Raises:
            NotThere: there is no such change.
            FrameFinished: the frame was finished after it.
        """
        path = self._file(source, name)
        if not re.fullmatch("[0-9a-f]{16}", name) or not path.is_file():
            raise NotThere("This cannot be taken back any more. The earlier annotations of this frame may have it.")
        with np.load(path) as kept:
            known = {key: kept[key] for key in kept.files}
        frame, before, after = int(known["frame"]), known["before"], known["after"]
        said = json.loads(str(known["said"]))
        if (known["space"].tolist(), before.dtype) != (list(annotation.image.space), annotation.dtype):
            raise NotThere("This cannot be taken back any more: the image or the project has changed.")
        with annotation.lock:
            if back:
                _say(annotation, frame, said[0])
            if before.size:
                box = tuple(slice(start, start + length)
                            for start, length in zip(known["start"].tolist(), before.shape, strict=True))
                own = annotation.region(frame, box)
                annotation.replace(frame, np.where(before != after, before if back else after, own), box)
            if not back:
                _say(annotation, frame, said[1])
        return frame

    def _file(self, source: Source, name: str) -> Path:
        return self._folder / source.id / f"{name}.npz"


def _said(annotation: Annotation, frame: int) -> dict[str, Any]:
    """What people said of a frame."""
    notes = annotation.notes
    return {"finished": frame in notes.finished, "review": notes.reviews.get(frame),
            "locked": notes.locked.get(frame, []), "interpolated": frame in notes.interpolated}


def _say(annotation: Annotation, frame: int, said: dict[str, Any]) -> None:
    for name, say in (("finished", annotation.set_finished), ("review", annotation.set_review),
                      ("locked", annotation.set_locked), ("interpolated", annotation.set_interpolated)):
        if name in said:
            say(frame, said[name])


def _around(marked: np.ndarray) -> Box:
    """The smallest box that holds all that is marked."""
    box = []
    for axis in range(marked.ndim):
        along = np.flatnonzero(marked.any(axis=tuple(other for other in range(marked.ndim) if other != axis)))
        box.append(slice(int(along[0]), int(along[-1]) + 1) if along.size else slice(0, 0))
    return tuple(box)


def _is_version(name: str) -> bool:
    return re.fullmatch(r"\d{8}T\d{12}", name) is not None
