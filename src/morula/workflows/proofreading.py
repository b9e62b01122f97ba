"""Which annotations deserve a second look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.cards import Card, Shown
from morula.checks.data_settings import DataSettings
from morula.checks.inspection import Inspection, inspect
from morula.errors import RequestError
from morula.files import ensure_new_folder, ensure_writable
from morula.names.authors import authors
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
    from morula.proofreading.handwriting import Handwriting
    from morula.proofreading.proofs import Proofs
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
        learned: how many of these were judged by networks that had learned from them, too.
        found: of mistakes made on purpose, the share that would have been listed, by kind.
        table: a row for each annotation, with all numbers, in the same order.
        left: how many were not looked at.
        shown: how often the networks were shown each annotation that they learned from, about.
        handwriting: who draws wider than others; None where nobody said who drew what.
    """

    frames: tuple[Frame, ...]
    verdicts: tuple[Verdict, ...]
    of: int
    learned: int
    found: Mapping[str, float]
    table: Table
    left: int = 0
    shown: float = 0.0
    handwriting: Handwriting | None = None

    @classmethod
    def told(
        cls, found: Proofs, frames: Sequence[Frame], classes: Sequence[str], models: Sequence[Model], left: int = 0
    ) -> Proofread:
        """What is said of what was found.

        Args:
            found: what is thought of some annotations.
            frames: that these are of.
            classes: the names of the classes without background.
            models: that judged them.
            left: how many more there are.
        """
        from morula.proofreading.by_heart import times_shown
        from morula.proofreading.verdict_table import verdict_table
        from morula.proofreading.verdicts import verdicts

        said = verdicts(found, [frame.name for frame in frames], classes)
        entries = tuple(each for each in said if each.listed)
        return cls(tuple(frames[each.place] for each in entries), entries, len(frames), sum(found.learned),
                   found.found, verdict_table(found, said, frames), left,
                   max(times_shown(model, frames) for model in models))

    @property
    def wrong(self) -> float:
        """How many of those that are listed are probably wrong."""
        return sum(each.wrong for each in self.verdicts)

    @property
    def result(self) -> str:
        """How many annotations deserve a second look, in a sentence."""
        if not self.frames:
            return f"None of {many(self.of, 'annotation')} looks wrong."
        deserve = "deserves" if len(self.frames) == 1 else "deserve"
        return (f"{len(self.frames)} of {many(self.of, 'annotation')} {deserve} a second look; about {self.wrong:.0f} "
                "will turn out to be wrong.")

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person should know about the list."""
        tried = ", ".join(f"{kind} {share:.0%}" for kind, share in self.found.items())
        looked = (f"{self.of} of {many(self.of + self.left, 'annotation')} were looked at, first those that took no "
                  "part in learning.",) if self.left else ()
        drawn = self.handwriting.sentences if self.handwriting else ()
        return *looked, self.result, f"Of mistakes made on purpose it would have listed: {tried}.", self._known, *drawn

    @property
    def _known(self) -> str:
        """What it means for the list that networks judged what they had learned from."""
        from morula.proofreading.by_heart import BY_HEART

        if not self.learned:
            return "No network judged what it had learned from."
        known = f"{many(self.learned, 'annotation')} had been learned from by the networks that judge them"
        if not self.shown:
            return f"{known}, which may have got used to what is wrong in them."
        known += f", and shown about {many(max(1, round(self.shown)), 'time')}"
        if self.shown > BY_HEART:
            return f"{known}: so often that many mistakes in them are learned by heart, and not listed."
        return f"{known}: some of what is wrong in them may have been learned."

    @property
    def record(self) -> dict[str, Any]:
        """The same as plain data."""
        listed = [{"frame": frame.name, "wrong": round(each.wrong, 3), "mistake": each.kind, "words": each.words}
                  for frame, each in zip(self.frames, self.verdicts, strict=True)]
        return {"listed": listed, "of": self.of, "learned": self.learned, "left": self.left,
                "found": {kind: round(share, 3) for kind, share in self.found.items()},
                "sentences": list(self.sentences)}

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
    annotators: str | None = None,
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
        annotators: who drew which mask, to say who draws wider than others: what the names of masks tell, as
            `{what}_{annotator}`, or a table (`file,annotator`) in a .csv file.
        progress: called with frames done, frames in all, and words.
        fields: single values of `DataSettings`, over those of `settings`.

    Raises:
        DataError: there are errors that must be mended first; all are listed.
        RequestError: there are too few annotations, or the models know other classes, or `annotators` does not fit.
        ModelError: a model file cannot be used, or wants other channels.
        OutputError: something cannot be written.
    """
    from morula.models.model import Model
    from morula.proofreading.fair_copies import FairCopies
    from morula.proofreading.handwriting import handwriting
    from morula.proofreading.proofs import proofs

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
    drawers = _drawers(annotators, frames) if annotators else None
    loaded = [model.zoomed([(frame.pair.image, frame.index) for frame in frames]) for model in loaded]
    found = proofs(loaded, frames, reading, numbers, progress)
    told = Proofread.told(found, frames, classes, loaded)
    if drawers:
        widths = handwriting(found.widths, drawers, [frame.group for frame in frames], _micrometres(frames))
        told = replace(told, handwriting=widths)
    if table is not None:
        told.table.save(table)
    copies = FairCopies(loaded, frames, reading, numbers, found)
    if sheet is not None:
        _draw(Path(sheet), copies, told.verdicts[:ON_SHEET], progress)
    if corrections is not None:
        copies.write(Path(corrections), told.verdicts, progress)
    return told


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


def _drawers(told: str, frames: Sequence[Frame]) -> list[str]:
    """Who drew each annotation.

    Raises:
        RequestError: what was told does not fit the names of the masks.
    """
    masks = [mask.path or Path(mask.name) for mask in (frame.pair.mask for frame in frames)]
    known = authors(told, list(dict.fromkeys(masks)))
    return [known[mask] for mask in masks]


def _micrometres(frames: Sequence[Frame]) -> float | None:
    """The size of a pixel, if it is known and the same everywhere, along all axes."""
    sizes = {size for frame in frames for size in frame.pair.image.pixel_size or (None,)}
    return sizes.pop() if len(sizes) == 1 else None


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
