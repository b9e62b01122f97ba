"""What a set of images and masks holds, and what must be mended before it can teach anything.

Every image and every mask is read once, a frame at a time, and leaves only small facts behind. All that is
wrong is found before anything is said, so that nobody mends one file only to hear of the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from morula.cards import Card, Shown
from morula.checks import description, file_problems, image_problems, mask_problems
from morula.checks.data_settings import DataSettings
from morula.checks.duplicates import find_duplicates, keep_together
from morula.checks.findings import Finding, join_findings
from morula.checks.incomplete import complete_in_words, look_for_left_out, take_as_partly_annotated
from morula.checks.looks import Look, look_at, with_usual_channels
from morula.errors import DataError, RequestError
from morula.exchange.collection import Annotations
from morula.names.groups import told_groups
from morula.names.lights import Joined
from morula.names.table import Name
from morula.names.told import names_of
from morula.pairs.folders import Files, find_both
from morula.pairs.masks import MaskReading
from morula.pairs.named_classes import named_classes
from morula.pairs.pair import Frame, Pairing
from morula.pairs.pairing import Matching
from morula.pairs.shots import pair_shots
from morula.pairs.split import NO_PAST, Past, Split, folds, portions, split
from morula.pairs.told_masks import as_wanted, read_masks, told_classes
from morula.progress import Progress, silent


@dataclass(frozen=True, repr=False)
class Inspection(Shown):
    """What was found in a set of images and masks.

    Attributes:
        pairing: the pairs that can be used, and the files that are in none.
        reading: how the masks are understood; None where they are not.
        frames: every moment of every pair.
        split: which frames train and which validate.
        shown: the classes that the masks of each group show, background left out.
        rows: what the data are, as label and value.
        all_findings: every single finding.
        told: whether a person said what belongs together.
        class_names: what the classes are called, if the settings or the masks say it.
    """

    pairing: Pairing
    reading: MaskReading | None
    frames: tuple[Frame, ...]
    split: Split
    shown: Mapping[str, frozenset[int]]
    rows: tuple[tuple[str, str], ...]
    all_findings: tuple[Finding, ...]
    told: bool = False
    class_names: tuple[str, ...] | None = None

    @property
    def card(self) -> Card:
        found = [(each.severity, str(each)) for each in (*self.errors, *self.warnings)]
        return Card("Inspection", (*self.rows, *found))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings to show: of each kind the first few, and the rest in one."""
        return join_findings(self.all_findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What forbids training."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is doubtful."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def folds(self, count: int, *, seed: int = 0) -> tuple[Split, ...]:
        """So many splits by group that every frame validates once; see `split.folds`."""
        return folds(self.frames, count, seed=seed, shown=self.shown, told=self.told)

    def portions(self, *, seed: int = 0) -> tuple[tuple[Frame, ...], ...]:
        """About a quarter and about half of the frames that train; see `split.portions`."""
        return portions(self.split.training, seed=seed, shown=self.shown, told=self.told)

    def raise_on_errors(self) -> None:
        """Refuse data with errors.

        Raises:
            DataError: there are errors; it lists all.
        """
        if self.errors:
            raise DataError([str(finding) for finding in self.errors])


def inspect(
    images: Files,
    masks: Files | None,
    settings: DataSettings,
    progress: Progress | None = None,
    *,
    share: float = 0.1,
    seed: int = 0,
    past: Past = NO_PAST,
) -> Inspection:
    """Pair, read and judge all images and masks. Images without a mask are set aside and not read.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks; None where one folder holds both, or folders of both.
        settings: how files are read, where they do not say it themselves.
        progress: called with files done, files in all, and words.
        share: of the frames that validate.
        seed: chooses them.
        past: what validated an earlier model validates again.

    Raises:
        RequestError: there are no images or no masks at all, `settings.groups` does not fit the names, or settings
            contradict each other.
        DataError: annotations are damaged, or hold what is not understood.
    """
    if settings.partly_annotated and settings.not_annotated is not None:
        raise RequestError("--not-annotated says of every pixel whether it is annotated, and leaves nothing to say to "
                           "--partly-annotated. Leave out one of both.")
    found = find_both(images, masks)
    image_files, mask_files = found.images, found.masks
    drawn = as_wanted(found.drawn, settings.read_masks_as, settings.class_names)
    places = found.places or (images, masks)
    names = names_of(image_files, settings.names)
    matching, shots = pair_shots(image_files, mask_files, names)
    looks, findings = _look_at_all(matching, names, shots, settings, drawn, progress or silent)
    duplicates = find_duplicates(looks)
    looks = keep_together(looks, (each for each in duplicates if each.exact or not settings.groups))
    if settings.read_masks_as == "auto" and not drawn:
        findings += mask_problems.of_photographs(looks)
        readable = [] if mask_problems.are_swapped(looks) else [look for look in looks if not look.photographed]
    else:
        readable = looks
    reading, counts, misread = _read_masks(readable, settings)
    class_names = settings.class_names or told_classes([look.pair.mask for look in readable]) or None
    classes, unfit = _classes(class_names, reading)
    findings = [
        *file_problems.of_names(matching, image_files, mask_files, alone=masks is None),
        *findings,
        *misread,
        *unfit,
        *(file_problems.of_copies(looks, duplicates, reading) if reading else ()),
        *image_problems.of_axes(looks),
        *image_problems.of_told_axes(looks, settings.axes),
        *mask_problems.of_places(looks),
        *image_problems.of_channels(looks),
        *image_problems.of_units(looks),
        *mask_problems.of_unfinished(looks),
        *mask_problems.of_overlaps(looks),
        *mask_problems.of_orientations(looks),
        *image_problems.of_brightness(looks),
        *(mask_problems.of_classes(readable, reading, counts, classes) if reading else ()),
        *file_problems.of_other_files(places, found.files),
    ]
    looks = with_usual_channels(looks, image_problems.usual_channels(looks))
    left_out = look_for_left_out(looks, reading, settings, progress or silent)
    annotated: tuple[tuple[str, str], ...] = ()
    if left_out and reading:
        findings += mask_problems.of_left_out(looks, left_out, settings.partly_annotated)
    if left_out and reading and settings.partly_annotated:
        annotated = (("annotated wholly", complete_in_words(looks, left_out)),)
        looks, reading = take_as_partly_annotated(looks, reading, left_out)
    pairs = tuple(look.pair for look in looks)
    frames = tuple(Frame(pair, index) for pair in pairs for index in range(pair.image.frames))
    pairing = Pairing(pairs, matching.images_without_mask, matching.masks_without_image, matching.rule)
    rare = {look.pair.group for look in image_problems.much_brighter(looks)}
    told = settings.groups is not None
    divided = split(frames, share=share, seed=seed, rare=rare, past=past, told=told)
    if not told:
        findings += file_problems.of_kinship(looks, divided)
    rows = (
        *description.of_files(found),
        *description.of_pairs(looks, matching, shots, settings),
        *description.of_masks(readable, reading, counts, classes),
        *annotated,
        *description.of_frames(frames),
        *description.of_groups(looks, duplicates, divided),
    )
    shown = _classes_of_groups(looks, reading)
    return Inspection(pairing, reading, frames, divided, shown, rows, tuple(findings), told, class_names)


def _look_at_all(
    matching: Matching, names: Mapping[Path, Name], shots: Joined, settings: DataSettings,
    drawn: Annotations | None, progress: Progress,
) -> tuple[list[Look], list[Finding]]:
    files = [image for image, _ in matching.pairs]
    told = told_groups(settings.groups, files) if settings.groups and files else {}
    looks, findings = [], []
    for done, (image, mask) in enumerate(matching.pairs):
        progress(done, len(files), f"checking {image.name}")
        seen = look_at(
            image,
            mask,
            member=told.get(image),
            name=names[image],
            files=shots.get(image),
            axes=settings.axes,
            pixel_size=settings.pixel_size,
            channels=settings.channels,
            use_channels=settings.use_channels,
            drawn=drawn,
        )
        if isinstance(seen, Look):
            looks.append(seen)
        else:
            findings += seen
    progress(len(files), len(files), "looking for copies")
    return looks, _said_once(findings, len(files))


def _said_once(findings: Sequence[Finding], files: int) -> list[Finding]:
    """The same findings, but one for all where something is wrong in the same way with every file: it was asked for."""
    alike: dict[Finding, list[Finding]] = defaultdict(list)
    for finding in findings:
        alike[replace(finding, file="")].append(finding)
    several = {kind: found for kind, found in alike.items() if 1 < len(found) == files}
    said = [replace(kind, file=f"{found[0].file} and all others") for kind, found in several.items()]
    return [*said, *(finding for finding in findings if replace(finding, file="") not in several)]


def _read_masks(
    looks: Sequence[Look], settings: DataSettings
) -> tuple[MaskReading | None, np.ndarray, list[Finding]]:
    """One reading, the pixels of each class in each frame `(frames, classes + 1)`, and what went wrong."""
    censuses = [census for look in looks for census in look.censuses]
    if not censuses:
        return None, np.zeros((0, 1), int), []
    try:
        masks = [look.pair.mask for look in looks]
        reading = read_masks(masks, censuses, settings.read_masks_as, settings.not_annotated)
    except (DataError, RequestError) as error:
        said = error.problems if isinstance(error, DataError) else [str(error)]
        return None, np.zeros((0, 1), int), [Finding("error", "", problem.rstrip(".")) for problem in said]
    return reading, np.array([reading.class_counts(census) for census in censuses]), []


def _classes(names: Sequence[str] | None, reading: MaskReading | None) -> tuple[tuple[str, ...], list[Finding]]:
    """What the classes are called, background left out, and what is wrong with the names that were given."""
    if reading is None:
        return (), []
    try:
        return named_classes(names, reading.classes), []
    except RequestError as error:
        problem, _, advice = str(error).partition(". ")
        return named_classes(None, reading.classes), [Finding("error", "", problem, advice)]


def _classes_of_groups(looks: Sequence[Look], reading: MaskReading | None) -> dict[str, frozenset[int]]:
    shown: dict[str, set[int]] = defaultdict(set)
    for look in looks:
        if reading and not look.photographed:
            for census in look.censuses:
                shown[look.pair.group].update((np.flatnonzero(reading.class_counts(census)[1:]) + 1).tolist())
    return {group: frozenset(classes) for group, classes in shown.items()}
