"""Which annotations deserve a second look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.cards import Card, Shown
from morula.checks.data_settings import DataSettings
from morula.checks.inspection import Inspection, inspect
from morula.errors import RequestError
from morula.files import ensure_new_folder, ensure_writable
from morula.objects.tables import Table, ensure_table
from morula.pairs.folders import Files
from morula.pairs.named_classes import alike, named_classes
from morula.pairs.pair import Frame
from morula.plurals import listed, many
from morula.progress import Progress, silent
from morula.settings import with_fields

if TYPE_CHECKING:
    from morula.models.model import Model
    from morula.proofreading.fair_copies import FairCopies
    from morula.proofreading.verdicts import Verdict

ON_SHEET = 40
"""Frames on a contact sheet, at most."""
LARGEST_DRAWN = 2**22
"""Pixels of a frame that are drawn there, at most."""


@dataclass(frozen=True, repr=False)
class Proofread(Shown):
    """What is said of all annotations.

    Attributes:
        frames: those that deserve a second look, the most probably wrong first.
        verdicts: what is said of each of these.
        of: how many were looked at.
        learned: how many of all were judged by networks that had learned from them, too.
        found: of mistakes made on purpose, the share that would have been listed, by kind.
        table: a row for each annotation, with all numbers, in the same order.
    """

    frames: tuple[Frame, ...]
    verdicts: tuple[Verdict, ...]
    of: int
    learned: int
    found: Mapping[str, float]
    table: Table

    @property
    def wrong(self) -> float:
        """How many of those that are listed are probably wrong."""
        return sum(each.wrong for each in self.verdicts)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person should know about the list."""
        if self.frames:
            said = (f"{len(self.frames)} of {many(self.of, 'annotation')} "
                    f"{'deserves' if len(self.frames) == 1 else 'deserve'} a second look; about {self.wrong:.0f} will "
                    "turn out to be wrong.")
        else:
            said = f"None of {many(self.of, 'annotation')} looks wrong."
        tried = ", ".join(f"{kind} {share:.0%}" for kind, share in self.found.items())
        known = (f"{many(self.learned, 'annotation')} had been learned from by the networks that judge them, which may "
                 "have got used to what is wrong in them." if self.learned else
                 "No network judged what it had learned from.")
        return said, f"Of mistakes made on purpose it would have listed: {tried}.", known

    @property
    def card(self) -> Card:
        return Card("Proofread", [(frame.name, each.words) for frame, each in
                                  zip(self.frames, self.verdicts, strict=True)])


def proofread(
    images: Files,
    masks: Files | None,
    models: str | Path | Model | Sequence[str | Path | Model],
    settings: DataSettings | None = None,
    *,
    inspection: Inspection | None = None,
    table: str | Path | None = None,
    sheet: str | Path | None = None,
    corrections: str | Path | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Proofread:
    """List the annotations that are probably wrong, worst first, with what is wrong in words.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks; None where one folder holds both, or folders of both.
        models: one that has learned from such images, or several: then each annotation is judged by those that have not
            learned from it.
        settings: how files are read, where they do not say it themselves.
        inspection: what `check` found in the same files, if it has looked already.
        table: where to write the numbers of all annotations, as .csv or .parquet.
        sheet: where to draw image, annotation and model of those that are listed, as .png, .svg or .pdf.
        corrections: a new folder for masks of class numbers without the mistakes.
        progress: called with frames done, frames in all, and words.
        fields: single values of `DataSettings`, over those of `settings`.

    Raises:
        DataError: there are errors that must be mended first; all are listed.
        RequestError: there are too few annotations, or the models know other classes.
        ModelError: a model file cannot be used, or wants other channels.
        OutputError: something cannot be written.
    """
    from morula.models.model import Model
    from morula.proofreading.fair_copies import FairCopies
    from morula.proofreading.proofs import proofs
    from morula.proofreading.verdict_table import verdict_table
    from morula.proofreading.verdicts import verdicts

    (settings,) = with_fields(fields, settings or DataSettings())
    _ensure_writable(table, sheet, corrections)
    several = [models] if isinstance(models, str | Path | Model) else models
    loaded = [each if isinstance(each, Model) else Model.load(each) for each in several]
    inspection = inspection or inspect(images, masks, settings, progress)
    inspection.raise_on_errors()
    reading, frames = inspection.reading, inspection.frames
    assert reading is not None  # or there would have been an error
    classes = named_classes(inspection.class_names, reading.classes)
    numbers = _numbers(loaded, classes)
    loaded = [model.zoomed([(frame.pair.image, frame.index) for frame in frames]) for model in loaded]
    found = proofs(loaded, frames, reading, numbers, progress)
    said = verdicts(found, [frame.name for frame in frames], classes)
    entries = [each for each in said if each.listed]
    rows = verdict_table(found, said, frames)
    if table is not None:
        rows.save(table)
    copies = FairCopies(loaded, frames, reading, numbers, found)
    if sheet is not None:
        _draw(Path(sheet), copies, entries[:ON_SHEET], progress)
    if corrections is not None:
        copies.write(Path(corrections), entries, progress)
    return Proofread(tuple(frames[each.place] for each in entries), tuple(entries), len(frames), sum(found.learned),
                     found.found, rows)


def _ensure_writable(table: str | Path | None, sheet: str | Path | None, corrections: str | Path | None) -> None:
    """Find out before long work whether all can be written at its end."""
    from morula.plots.figures import check_file_kind

    if table is not None:
        ensure_table(Path(table))
        ensure_writable(Path(table))
    if sheet is not None:
        check_file_kind(Path(sheet))
        ensure_writable(Path(sheet))
    if corrections is not None:
        ensure_new_folder(Path(corrections), option="--corrections")


def _numbers(models: Sequence[Model], classes: Sequence[str]) -> np.ndarray:
    """The class number, in the masks, of each class of the models.

    Raises:
        RequestError: a model knows other classes than the masks, or other models know them in another order.
    """
    every = []
    for model in models:
        ours, theirs = alike(classes, model.classes)
        if set(ours) != set(theirs):
            raise RequestError(
                f"The model knows {_in_words(model.classes)}, and the masks hold {_in_words(classes)}. Give a "
                "model that has learned from such masks, or say with --class-names what the classes are called, and "
                "with --read-masks-as what the values mean.")
        every.append([ours.index(name) + 1 for name in theirs])
    if any(each != every[0] for each in every):
        raise RequestError("The models know the same classes in another order. Give models that were trained with the "
                           "same --class-names.")
    return np.array(every[0])


def _in_words(names: Sequence[str]) -> str:
    """Such as `2 classes (cell, wall)`."""
    return f"{len(names)} class{'' if len(names) == 1 else 'es'} ({listed(names)})"


def _draw(path: Path, copies: FairCopies, verdicts: Sequence[Verdict], progress: Progress) -> None:
    from morula.plots.contact_sheet import Contact, draw_contacts
    from morula.proofreading.sights import thinned

    contacts = []
    for done, verdict in enumerate(verdicts):
        frame = copies.frames[verdict.place]
        progress(done, len(verdicts), f"drawing {frame.name}")
        image, seen = frame.pair.image, copies.seen(verdict, LARGEST_DRAWN)
        pixels = np.stack([thinned(plane, seen.step) for plane in image.frame(frame.index)])
        contacts.append(Contact(frame.name, f"{verdict.words} ({verdict.wrong:.0%} sure)", pixels, seen.classes,
                                seen.found, image.channels, image.pixel_size))
    draw_contacts(path, contacts)
