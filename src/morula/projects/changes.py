"""What changed a frame at once, noted so that it can be taken back alone."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from morula.files import read_arrays, whole_file
from morula.images.image import Box
from morula.projects.annotation import Annotation
from morula.projects.project import NotThere, Project, Source

PART = 2**22
"""Numbers of a change that are noted at once."""
OPEN = {"finished": False, "locked": []}
"""What is said of a frame in which everything may be changed."""
UNDONE = 7 * 24 * 3600
"""Seconds for which a change can be taken back: longer than a page is open."""


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
    def noted(self, source: Source, frame: int, annotation: Annotation, part: Box | None, *,
              finished: bool = False) -> Iterator[Change]:
        """Note what is changed within.

        Args:
            source: the image.
            frame: of it.
            annotation: what is drawn on it; nobody else changes it within.
            part: where numbers are changed; nowhere if None, but what is said of the frame.
            finished: whether those of a finished frame are, too.

        Raises:
            FrameFinished: numbers may not be changed.
            OutputError: the change cannot be kept.
        """
        box: Box = part or tuple(slice(0, 0) for _ in annotation.image.space)
        change = Change()
        with annotation.lock:
            if part and not finished:
                annotation.ensure_open(frame)
            before, said = annotation.region(frame, box), _said(annotation, frame)
            yield change
            says = _said(annotation, frame)
            words = [{name: value for name, value in each.items() if said[name] != says[name]} for each in (said, says)]
            runs: dict[str, np.ndarray] = {}
            for number, (own, inside) in enumerate(_parts(box)):
                was, now = before[inside], annotation.region(frame, own)
                if not np.array_equal(was, now):
                    runs |= _in_runs(f"before {number}", was) | _in_runs(f"after {number}", now)
            if not runs and not words[0]:
                return
            change.name = secrets.token_hex(8)
            with whole_file(self._file(source, change.name)) as path, path.open("wb") as file:
                known: dict[str, Any] = {"frame": frame, "box": [(each.start, each.stop) for each in box],
                                         "space": annotation.image.space, "dtype": annotation.dtype.str,
                                         "said": json.dumps(words)}
                np.savez_compressed(file, **runs, **known)

    def make(self, source: Source, annotation: Annotation, name: str, *, back: bool) -> tuple[int, int]:
        """Take a change back, or make it again: only what it changed is changed, and only where it is so still.

        Returns:
            its frame, and how many of its pixels are left as they are.

        Raises:
            NotThere: there is no such change.
            FrameFinished: the frame was finished after it.
        """
        path = self._file(source, name)
        if not re.fullmatch("[0-9a-f]{16}", name) or not path.is_file():
            raise NotThere("This cannot be taken back any more. The earlier annotations of this frame may have it.")
        try:
            known = read_arrays(path)
            frame, said = int(known["frame"]), json.loads(str(known["said"]))
        except (OSError, ValueError, KeyError) as error:
            raise NotThere("This cannot be taken back any more: its file is damaged. The earlier annotations of this "
                           "frame may have it.") from error
        if (known["space"].tolist(), str(known["dtype"])) != (list(annotation.image.space), annotation.dtype.str):
            raise NotThere("This cannot be taken back any more: the image or the project has changed.")
        side = "before" if back else "after"
        becomes = [runs for key, runs in known.items() if re.fullmatch(rf"{side} \d+", key)]
        try:
            annotation.ensure_known(np.unique(np.concatenate(becomes)).tolist() if becomes else ())
        except ValueError as error:
            raise NotThere(f"This cannot be taken back any more. {error}") from error
        target, left = said[0 if back else 1], 0
        with annotation.lock:
            _say(annotation, frame, {name: OPEN[name] for name in OPEN.keys() & target.keys()})
            for box, numbers, expected in _sides(annotation, frame, known, back=back):
                annotation.replace(frame, numbers, box)
                left += int(np.count_nonzero(annotation.region(frame, box) != expected))
            _say(annotation, frame, target)
        return frame, left

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


def _parts(box: Box) -> Iterator[tuple[Box, slice]]:
    """A box in parts along its first axis, and where each lies in it."""
    first, *others = box
    length = max(1, PART // max(1, prod(each.stop - each.start for each in others)))
    for start in range(first.start, first.stop, length):
        stop = min(start + length, first.stop)
        yield (slice(start, stop), *others), slice(start - first.start, stop - first.start)


def _in_runs(name: str, numbers: np.ndarray) -> dict[str, np.ndarray]:
    """Numbers as runs of equal ones, which frames with few things in them are made of."""
    flat = numbers.ravel()
    ends = np.append(np.flatnonzero(flat[1:] != flat[:-1]), flat.size - 1)
    return {name: flat[ends], f"{name} lengths": np.diff(ends, prepend=-1)}


def _sides(annotation: Annotation, frame: int, known: dict[str, np.ndarray], *, back: bool) -> Iterator[
        tuple[Box, np.ndarray, np.ndarray]]:
    """The parts of a frame that a change changed: what they become, and what they would if nobody had changed them."""
    for number, (own, _) in enumerate(_parts(tuple(slice(*ends) for ends in known["box"].tolist()))):
        if f"before {number}" in known:
            now = annotation.region(frame, own)
            before, after = (np.repeat(known[f"{side} {number}"], known[f"{side} {number} lengths"]).reshape(now.shape)
                             for side in ("before", "after"))
            old, new = (after, before) if back else (before, after)
            wanted = np.where(old != new, new, now)
            yield own, np.where(now == old, wanted, now), wanted
