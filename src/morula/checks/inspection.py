"""What a set of images and masks holds, and what must be mended before it can teach anything.

Every image and every mask is read once, a frame at a time, and leaves only small facts behind. All that is
wrong is found before anything is said, so that nobody mends one file only to hear of the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from morula.checks import problems
from morula.checks.duplicates import Duplicate, find_duplicates, keep_together
from morula.checks.findings import Finding, join_findings
from morula.checks.left_out import LeftOut, find_left_out, may_leave_out
from morula.checks.looks import Look, look_at, size_in_words, with_usual_channels
from morula.errors import DataError, RequestError
from morula.images.overrides import Axes, PixelSize
from morula.images.units import pixel_size_in_words
from morula.names.groups import Membership, grouped_in_words, told_groups
from morula.names.lights import Joined
from morula.names.table import Name
from morula.names.told import names_of
from morula.pairs.folders import Files, Found, find_both, read_gathered
from morula.pairs.masks import MaskReading, ReadAs, decide
from morula.pairs.named_classes import ClassNames, named_classes
from morula.pairs.pair import Frame, Pairing
from morula.pairs.pairing import Matching
from morula.pairs.partial import partly_annotated, with_unknown
from morula.pairs.shots import pair_shots
from morula.pairs.split import NO_PAST, Past, Split, folds, portions, split
from morula.plurals import card, many
from morula.progress import Progress, silent
from morula.settings import Settings


class DataSettings(Settings):
    """How image and mask files are understood where they do not say it themselves."""

    axes: Axes = None
    """The axes of the stored arrays, letters of TCZYX, such as TCYX."""
    pixel_size: PixelSize = None
    """The size of a pixel in µm: one number, or one for each spatial axis in the order z, y, x."""
    channels: tuple[str, ...] | None = None
    """The names of all channels of a file, in order."""
    use_channels: tuple[str, ...] | None = None
    """The channels to learn from, by name or by number from 1; all where left out."""
    read_masks_as: ReadAs = "auto"
    """What the values in masks mean; auto looks at them."""
    not_annotated: int | None = None
    """The value in masks that marks what nobody annotated; such pixels do not count."""
    names: str | None = None
    """What the names of images tell, where they are not read rightly, as '{well}_{site}_{time}'."""
    class_names: ClassNames = None
    """What the classes are called, in the order of their numbers: cell,wall. Background may stand first, or not."""
    partly_annotated: bool = False
    """Where a mask leaves objects out that look like its own, only these and a rim around them are annotated."""
    groups: str | None = None
    """What must stay together: a pattern for the part of a name that is the movie or well, or a .csv (file,group)."""


@dataclass(frozen=True)
class Inspection:
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
    """

    pairing: Pairing
    reading: MaskReading | None
    frames: tuple[Frame, ...]
    split: Split
    shown: Mapping[str, frozenset[int]]
    rows: tuple[tuple[str, str], ...]
    all_findings: tuple[Finding, ...]
    told: bool = False

    def __repr__(self) -> str:
        found = [(each.severity, str(each)) for each in (*self.errors, *self.warnings)]
        return card("Inspection", (*self.rows, *found))

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
    """
    if settings.partly_annotated and settings.not_annotated is not None:
        raise RequestError("--not-annotated says of every pixel whether it is annotated, and leaves nothing to say to "
                           "--partly-annotated. Leave out one of both.")
    found = find_both(images, masks)
    image_files, mask_files = found.images, found.masks
    places = found.places or (images, masks)
    names = names_of(image_files, settings.names)
    matching, shots = pair_shots(image_files, mask_files, names)
    looks, findings = _look_at_all(matching, names, shots, settings, progress or silent)
    duplicates = find_duplicates(looks)
    looks = keep_together(looks, (each for each in duplicates if each.exact or not settings.groups))
    if settings.read_masks_as == "auto":
        findings += problems.of_photographs(looks)
        readable = [] if problems.are_swapped(looks) else [look for look in looks if not look.photographed]
    else:
        readable = looks
    reading, counts, misread = _read_masks(readable, settings)
    classes, unfit = _classes(settings, reading)
    findings = [
        *problems.of_names(matching, image_files, mask_files, alone=masks is None),
        *findings,
        *misread,
        *unfit,
        *(problems.of_copies(looks, duplicates, reading) if reading else ()),
        *problems.of_axes(looks),
        *problems.of_told_axes(looks, settings.axes),
        *problems.of_places(looks),
        *problems.of_channels(looks),
        *problems.of_units(looks),
        *problems.of_unfinished(looks),
        *problems.of_overlaps(looks),
        *problems.of_orientations(looks),
        *problems.of_brightness(looks),
        *(problems.of_classes(readable, reading, counts, classes) if reading else ()),
        *problems.of_other_files(places, {*image_files, *mask_files}),
    ]
    looks = with_usual_channels(looks, problems.usual_channels(looks))
    left_out = _find_left_out(looks, reading, settings, progress or silent)
    annotated: tuple[tuple[str, str], ...] = ()
    if left_out and reading:
        findings += problems.of_left_out(looks, left_out, settings.partly_annotated)
    if left_out and reading and settings.partly_annotated:
        annotated = (("annotated wholly", _complete_in_words(looks, left_out)),)
        looks, reading = _partly_annotated(looks, reading, left_out)
    pairs = tuple(look.pair for look in looks)
    frames = tuple(Frame(pair, index) for pair in pairs for index in range(pair.image.frames))
    pairing = Pairing(pairs, matching.images_without_mask, matching.masks_without_image, matching.rule)
    rare = {look.pair.group for look in problems.much_brighter(looks)}
    told = settings.groups is not None
    divided = split(frames, share=share, seed=seed, rare=rare, past=past, told=told)
    if not told:
        findings += problems.of_kinship(looks, divided)
    rows = (
        *_describe_files(found),
        *_describe_pairs(looks, matching, shots, settings),
        *_describe_masks(readable, reading, counts, classes),
        *annotated,
        *_describe_frames(frames),
        *_describe_groups(looks, duplicates, divided),
    )
    shown = _classes_of_groups(looks, reading)
    return Inspection(pairing, reading, frames, divided, shown, rows, tuple(findings), told)


def _look_at_all(
    matching: Matching, names: Mapping[Path, Name], shots: Joined, settings: DataSettings, progress: Progress
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
        read_as = read_gathered((look.pair.mask for look in looks), settings.read_masks_as)
        reading = decide(censuses, read_as, settings.not_annotated)
    except (DataError, RequestError) as error:
        said = error.problems if isinstance(error, DataError) else [str(error)]
        return None, np.zeros((0, 1), int), [Finding("error", "", problem.rstrip(".")) for problem in said]
    return reading, np.array([reading.class_counts(census) for census in censuses]), []


def _classes(settings: DataSettings, reading: MaskReading | None) -> tuple[tuple[str, ...], list[Finding]]:
    """What the classes are called, background left out, and what is wrong with the names that were given."""
    if reading is None:
        return (), []
    try:
        return named_classes(settings.class_names, reading.classes), []
    except RequestError as error:
        problem, _, advice = str(error).partition(". ")
        return named_classes(None, reading.classes), [Finding("error", "", problem, advice)]


def _find_left_out(
    looks: Sequence[Look], reading: MaskReading | None, settings: DataSettings, progress: Progress
) -> LeftOut | None:
    """What the images say of objects that masks leave out; None where nobody asks and nothing makes one think so."""
    objects = [census.pieces for look in looks for census in look.censuses]
    if reading is None or any(look.photographed for look in looks):
        return None
    if not settings.partly_annotated and (reading.classes > 1 or not may_leave_out(objects)):
        return None
    frames = [Frame(look.pair, index) for look in looks for index in range(len(look.censuses))]
    return find_left_out(frames, objects, reading,
                         lambda done: progress(done, len(frames), "looking for objects that masks leave out"))


def _partly_annotated(
    looks: Sequence[Look], reading: MaskReading, left_out: LeftOut
) -> tuple[list[Look], MaskReading]:
    """The same looks, whose masks say what is not annotated, and the reading of these."""
    counts = np.array([reading.class_counts(census)[1:].sum() for look in looks for census in look.censuses])
    shown = left_out.objects > 0
    axes = len(looks[0].pair.mask.space)
    side = float(np.median(counts[shown] / left_out.objects[shown])) ** (1 / axes) if shown.any() else 0.0
    changed, start = [], 0
    for look in looks:
        stop = start + len(look.censuses)
        partial = np.flatnonzero(~left_out.complete[start:stop]).tolist()
        changed.append(replace(look, pair=partly_annotated(look.pair, reading, partial, side)))
        start = stop
    frames = len(left_out.objects)
    return changed, with_unknown(reading, frames - int(left_out.complete.sum()), frames)


def _complete_in_words(looks: Sequence[Look], left_out: LeftOut) -> str:
    count = f"{left_out.complete.sum()} of {many(len(left_out.objects), 'frame')}"
    names = problems.complete_frames(looks, left_out)
    return f"{count}: {names}" if names else count


def _classes_of_groups(looks: Sequence[Look], reading: MaskReading | None) -> dict[str, frozenset[int]]:
    shown: dict[str, set[int]] = defaultdict(set)
    for look in looks:
        if reading and not look.photographed:
            for census in look.censuses:
                shown[look.pair.group].update((np.flatnonzero(reading.class_counts(census)[1:]) + 1).tolist())
    return {group: frozenset(classes) for group, classes in shown.items()}


def _describe_files(found: Found) -> Iterator[tuple[str, str]]:
    for place, label, files in ((0, "images", found.images), (1, "masks", found.masks)):
        where = f" in {found.places[place]}" if found.places else ""
        yield label, many(len(files), "file") + where


def _describe_pairs(
    looks: Sequence[Look], matching: Matching, shots: Joined, settings: DataSettings
) -> Iterator[tuple[str, str]]:
    images = [look.pair.image for look in looks]
    if not images:
        return
    usable = "" if len(images) == len(matching.pairs) else f" of {len(matching.pairs)} can be used"
    yield "pairs", f"{len(images)}{usable}, matched by {matching.rule}"
    yield "size", _span({image.space for image in images}, size_in_words)
    yield "type", ", ".join(sorted({image.dtype.name for image in images}))
    channels = _each_once(image.channels for image in images)
    chosen_from = f", chosen from {_each_once(look.stored_channels for look in looks)}" if settings.use_channels else ""
    apart = ", each in a file of its own" if shots else ""
    yield "channels", channels + chosen_from + apart
    known = {image.pixel_size for image in images if image.pixel_size}
    missing = any(image.pixel_size is None for image in images)
    unknown = ", in some files unknown" if known else "unknown"
    label = "voxel size" if len(images[0].space) == 3 else "pixel size"
    yield label, _span(known, pixel_size_in_words) + (unknown if missing else "")


def _describe_masks(
    looks: Sequence[Look], reading: MaskReading | None, counts: np.ndarray, names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    if reading:
        shares = counts.sum(axis=0) / max(counts.sum(), 1)
        names = ["background", *names]
        yield "masks read as", reading.sentence
        yield "classes", ", ".join(f"{name} {share:.1%}" for name, share in zip(names, shares, strict=True))
        annotated = counts.sum() / sum(census.pixels for look in looks for census in look.censuses)
        if annotated < 1:
            grain = "voxels" if len(looks[0].pair.mask.space) == 3 else "pixels"
            yield "annotated", f"{annotated:.2%} of the {grain}; the others do not count"


def _describe_frames(frames: Sequence[Frame]) -> Iterator[tuple[str, str]]:
    if frames:
        moments = sum(frame.pair.image.frames > 1 for frame in frames)
        some = f", {moments} of them" if moments < len(frames) else ""
        yield "frames", f"{len(frames)}{some} moments in time" if moments else str(len(frames))


def _describe_groups(
    looks: Sequence[Look], duplicates: Sequence[Duplicate], divided: Split
) -> Iterator[tuple[str, str]]:
    if looks:
        groups = list(dict.fromkeys(look.pair.group for look in looks))
        yield "groups", f"{len(groups)}: {', '.join(groups[:3])}{', …' if len(groups) > 3 else ''}"
        files = ((Path(look.image_file), Membership(look.pair.group, look.rule)) for look in looks)
        copies = {each.second for each in duplicates if each.explained}
        alike = {each.second for each in duplicates} - copies
        joined = f"; {many(len(copies), 'image')} shown again by another" if copies else ""
        joined += f"; {many(len(alike), 'image')} almost the same as another" if alike else ""
        yield "grouped by", grouped_in_words(files) + joined
        yield "split", divided.sentence


def _each_once(several: Iterable[Sequence[str]]) -> str:
    return "; ".join(dict.fromkeys(", ".join(names) for names in several))


def _span(values: set[tuple], show: Callable[[tuple], str]) -> str:
    if not values:
        return ""
    smallest, largest = (show(find(values, key=np.prod)) for find in (min, max))
    return smallest if len(values) == 1 else f"{smallest} to {largest} ({len(values)} different)"
