"""Files through a model: one mask a picture, going on after a bad file and where an earlier run stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Protocol

from morula.cards import Card, Shown
from morula.errors import FileError
from morula.images.room import Room
from morula.images.write import mask_name, write_mask_of
from morula.measures.intervals import write_calibration
from morula.models.model import Model
from morula.models.segment_settings import SegmentSettings
from morula.names.endings import called
from morula.names.lights import NOT_JOINED, Joined
from morula.pipeline import Meanwhile
from morula.progress import Part, Progress, silent
from morula.segmenting.doubt import DOUBT, doubt_path, write_with_doubt
from morula.segmenting.earlier import Earlier
from morula.segmenting.flags import with_jumps
from morula.segmenting.frames import (
    TABLE,
    SegmentedFrame,
    add_frames,
    table_columns,
    write_frames,
)
from morula.segmenting.how_far import HowFar
from morula.segmenting.incoming import Incoming, Refused, work_through
from morula.segmenting.judged_masks import judged_mask, uncleaned

LONGEST_NAME = 255
"""Bytes of the name of a file, as nearly all systems have them."""


@dataclass(frozen=True, repr=False)
class Segmented(Shown):
    """What became of a set of images.

    Attributes:
        out: the folder with the masks and `frames.csv`.
        frames: one row for each frame that has a mask.
        written: how many files were segmented.
        skipped: how many had their mask already.
        failed: what went wrong, by file.
        notes: how channels were understood where they were not just those of the model, and what is missing in files
            that were stopped early, each said once.
        review: the page with the frames most worth a look, where one was asked for.
    """

    out: Path
    frames: tuple[SegmentedFrame, ...]
    written: int
    skipped: int
    failed: dict[Path, str]
    notes: tuple[str, ...] = ()
    review: Path | None = None

    @property
    def card(self) -> Card:
        flagged = sum(bool(frame.flags) for frame in self.frames)
        rows = [("out", str(self.out)), ("frames", f"{len(self.frames)}, {flagged} of them flagged"),
                ("masks", f"{self.written} written, {self.skipped} were there"),
                *(("failed", said) for said in self.failed.values()), *(("note", note) for note in self.notes)]
        return Card("Segmented", rows)


class MadeMask(Protocol):
    """What was made of a frame, see `JudgedMask`."""

    @property
    def row(self) -> SegmentedFrame: ...

    @property
    def mask(self) -> Room: ...

    @property
    def mask_and_doubt(self) -> tuple[Room, Room]: ...


@dataclass(frozen=True)
class Makers:
    """Who makes masks, if not this process.

    Attributes:
        make: what a model makes of a frame, and tells how much of it is done; called in threads.
        count: how many frames are made at once.
    """

    make: Callable[[Model, Incoming, Part], MadeMask]
    count: int


def segment_files(
    model: Model, files: Sequence[Path], out: Path, settings: SegmentSettings, progress: Progress = silent,
    shots: Joined = NOT_JOINED, makers: Makers | None = None,
) -> Segmented:
    """Write `out/STEM.tif` with class or object numbers for every image file, and a table of all frames.

    The mask of a NIfTI file is `out/STEM.nii.gz`, and lies on it voxel by voxel. A mask that this model made after
    its image was last changed is left as it is, so that a stopped run goes on;
    one of an image of the same name elsewhere is in the way. The table keeps what earlier runs
    wrote into it of other images, as long as their masks are there. Doubt, where it is asked for, has the name of its
    mask in the folder `out/doubt`. Masks are written here, whoever makes them; `makers`, if not this process. Where
    the folder is elsewhere, each is put there whole, and before it its rows, in a file of their own until all are made.

    Raises:
        RequestError: two images would have the same mask, or masks would lie among the images.
        OutputError: masks of another model are in the way, or the folder cannot be written to.
    """
    failed = {file: f"{file}: its mask would have a name of more than {LONGEST_NAME} bytes. Give it a shorter one."
              for file in files if len(os.fsencode(mask_name(file))) > LONGEST_NAME}
    earlier = Earlier.found([file for file in files if file not in failed], out, model, settings, shots)
    masks, rows = earlier.masks, dict(earlier.done)
    notes: dict[str, str] = {}
    remarks: dict[Path, str] = {}
    columns = table_columns(earlier.others, model.plan.classes)
    write_frames(out / TABLE, [*earlier.others, *chain.from_iterable(rows.values())], columns)
    far = HowFar(progress, masks)
    if settings.doubt:
        write_calibration(out / DOUBT, model.calibration)
    if model.cleaning.asked_for and model.quality:
        notes["cleaning"] = ("The expected IoU, the certainty and the doubt are those of the masks before they were "
                             "cleaned; frames.csv says of each what that changed.")
    make = makers.make if makers else partial(judged_mask, final=model, out=out, doubted=settings.doubt)
    segmented = work_through(uncleaned(model), earlier.to_do, settings, make, failed, shots,
                             at_once=makers.count if makers else None, watch=far.watch)
    add = partial(add_frames, out / TABLE, columns=columns)

    def write(first: Incoming, made: Iterable[MadeMask | Refused]) -> None:
        """Write the mask of a file."""
        path, frames = first.path, []
        mask, listed = masks[path], _listed(made, frames, first.image.frames, add)
        try:
            mask.unlink(missing_ok=True)
            doubt_path(mask).unlink(missing_ok=True)
            if settings.doubt:
                write_with_doubt(first.image, mask, (each.mask_and_doubt for each in listed))
            else:
                write_mask_of(first.image, mask, (each.mask for each in listed))
            rows[path] = frames
        except FileError as error:
            failed[path] = str(error)

    with Meanwhile(makers.count if makers else 1) as meanwhile:
        for path, of_file in groupby(segmented, key=lambda pair: pair[0].path):
            made = iter(of_file)
            first, _ = pair = next(made)
            if isinstance(first, Refused):
                failed[path] = first.error
                continue
            if first.note:
                remarks[path] = first.note
            told = _told(chain([pair], made), far)
            if makers and first.image.frames == 1:  # a disk is slow to say that it has a file, and takes several
                meanwhile.do(write, first, list(told))
            else:
                write(first, told)
    for path, remark in remarks.items():
        if path in rows:
            notes.setdefault(remark, f"{called(path)}: {remark}")
    failed = {path: failed[path] for path in files if path in failed}
    table = with_jumps([row for path in masks for row in rows.get(path, [])])
    write_frames(out / TABLE, [*earlier.others, *table], columns)
    progress(len(masks), len(masks), "done")
    skipped = len(earlier.done)
    return Segmented(out, tuple(table), len(rows) - skipped, skipped, failed, tuple(notes.values()))


def _told(
    made: Iterable[tuple[Incoming | Refused, MadeMask | Refused]], far: HowFar
) -> Iterator[MadeMask | Refused]:
    """What was made of the frames of a file; each is told when it is there."""
    for frame, done in made:
        far.came(frame)
        yield done


def _listed(
    made: Iterable[MadeMask | Refused], rows: list[SegmentedFrame], frames: int,
    add: Callable[[list[SegmentedFrame]], None],
) -> Iterator[MadeMask]:
    """What was made of the frames of a file, one after the other.

    With the last one their rows are there, and stand in the table before the mask takes its name: whatever stops the
    work, a mask that lies there is in the table.

    Raises:
        FileError: nothing can be made of one.
    """
    for number, done in enumerate(made, start=1):
        if isinstance(done, Refused):
            raise FileError(done.error)
        rows.append(done.row)
        if number == frames:
            add(rows)
        yield done
