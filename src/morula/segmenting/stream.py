"""Files through a model: one mask a picture, going on after a bad file and where an earlier run stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path

from morula.cards import Card, Shown
from morula.images.write import mask_name
from morula.models.model import Model
from morula.models.segment_settings import SegmentSettings
from morula.names.endings import called
from morula.names.lights import NOT_JOINED, Joined
from morula.pipeline import Meanwhile
from morula.progress import Part, Progress, silent
from morula.segmenting.earlier import Earlier
from morula.segmenting.frames import SegmentedFrame
from morula.segmenting.how_far import HowFar
from morula.segmenting.incoming import Incoming, Refused, work_through
from morula.segmenting.judged_masks import judged_mask, uncleaned
from morula.segmenting.mask_folder import MadeMask, MaskFolder
from morula.segmenting.unlike_sets import set_in_words

LONGEST_NAME = 255
"""Bytes of the name of a file, as nearly all systems have them."""
CLEANED = ("The expected IoU, the certainty and the doubt are those of the masks before they were cleaned; frames.csv "
           "says of each what that changed.")


@dataclass(frozen=True, repr=False)
class Segmented(Shown):
    """What became of a set of images.

    Attributes:
        out: the folder with the masks and `frames.csv`.
        frames: one row for each frame that has a mask.
        written: how many files were segmented.
        skipped: how many had their mask already.
        failed: what went wrong, by file.
        notes: what there is to do where the model does not know such images, what cleaning left as it was, how channels
            were understood where they were not just those of the model, and what is missing in files that were
            stopped early, each said once.
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

    The mask of a NIfTI file is `out/STEM.nii.gz`, and lies on it voxel by voxel. A mask that this model made after its
    image was last changed is left as it is, so that a stopped run goes on; one of an image of the same name elsewhere
    is in the way. The table keeps what earlier runs wrote into it of other images, as long as their masks are there.
    Doubt, where it is asked for, has the name of its mask in the folder `out/doubt`. Masks are written here, whoever
    makes them; `makers`, if not this process. Where the folder is elsewhere, each is put there whole, and before it its
    rows, in a file of their own until all are made.

    Raises:
        RequestError: two images would have the same mask, or masks would lie among the images.
        OutputError: masks of another model are in the way, or the folder cannot be written to.
    """
    too_long = {file: f"{file}: its mask would have a name of more than {LONGEST_NAME} bytes. Give it a shorter one."
                for file in files if len(os.fsencode(mask_name(file))) > LONGEST_NAME}
    earlier = Earlier.found([file for file in files if file not in too_long], out, model, settings, shots)
    folder = MaskFolder(out, earlier, model, doubted=settings.doubt)
    failed, skipped = folder.failed, len(folder.rows)
    failed |= too_long
    remarks: dict[Path, str] = {}
    far = HowFar(progress, earlier.masks)
    make = makers.make if makers else partial(judged_mask, final=model, out=out, doubted=settings.doubt)
    segmented = work_through(uncleaned(model), earlier.to_do, settings, make, failed, shots,
                             at_once=makers.count if makers else None, watch=far.watch)
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
                meanwhile.do(folder.write, first, list(told))
            else:
                folder.write(first, told)
    table = folder.finish()
    progress(len(earlier.masks), len(earlier.masks), "done")
    remarks = {path: remark for path, remark in remarks.items() if path in folder.rows}
    notes = _notes(model, remarks, set_in_words(table))
    failed = {path: failed[path] for path in files if path in failed}
    return Segmented(out, table, len(folder.rows) - skipped, skipped, failed, notes)


def _notes(model: Model, remarks: Mapping[Path, str], of_set: str) -> tuple[str, ...]:
    """What is to be said of masks: of all of them, and each remark once, with the first file that it is about."""
    first: dict[str, str] = {}
    for path, remark in remarks.items():
        first.setdefault(remark, f"{called(path)}: {remark}")
    cleaned = CLEANED if model.cleaning.asked_for and model.quality else ""
    return tuple(filter(None, (of_set, cleaned, *first.values())))


def _told(
    made: Iterable[tuple[Incoming | Refused, MadeMask | Refused]], far: HowFar
) -> Iterator[MadeMask | Refused]:
    """What was made of the frames of a file; each is told when it is there."""
    for frame, done in made:
        far.came(frame)
        yield done
