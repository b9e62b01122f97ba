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
from morula.checks.looks import Look, look_at, size_in_words, with_usual_channels
from morula.errors import DataError, RequestError
from morula.images.overrides import Axes, PixelSize
from morula.images.read import find_files
from morula.images.units import pixel_size_in_words
from morula.pairs.groups import Membership, grouped_in_words, told_groups
from morula.pairs.masks import MaskReading, ReadAs, class_names, decide
from morula.pairs.pair import Frame, Pairing
from morula.pairs.pairing import Matching, pair_files
from morula.pairs.split import NO_PAST, Past, Split, folds, portions, split
from morula.plurals import card, many
from morula.progress import Progress, silent
from morula.settings import Settings

Files = str | Path | Sequence[str | Path]


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
    masks: Files,
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
        masks: the same of masks.
        settings: how files are read, where they do not say it themselves.
        progress: called with files done, files in all, and words.
        share: of the frames that validate.
        seed: chooses them.
        past: what validated an earlier model validates again.

    Raises:
        RequestError: there are no images or no masks at all, or `settings.groups` does not fit the names.
    """
    image_files, mask_files = find_files(images), find_files(masks)
    found = {*image_files, *mask_files}
    if {file.resolve() for file in image_files} == {file.resolve() for file in mask_files}:
        mask_files = image_files  # one folder, however it was spelled
    matching = pair_files(image_files, mask_files)
    looks, findings = _look_at_all(matching, settings, progress or silent)
    duplicates = find_duplicates(looks)
    looks = keep_together(looks, (each for each in duplicates if each.exact or not settings.groups))
    if settings.read_masks_as == "auto":
        findings += problems.of_photographs(looks)
        readable = [] if problems.are_swapped(looks) else [look for look in looks if not look.photographed]
    else:
        readable = looks
    reading, counts, misread = _read_masks(readable, settings)
    findings = [
        *problems.of_names(matching, image_files, mask_files),
        *findings,
        *misread,
        *(problems.of_copies(looks, duplicates, reading) if reading else ()),
        *problems.of_axes(looks),
        *problems.of_told_axes(looks, settings.axes),
        *problems.of_places(looks),
        *problems.of_channels(looks),
        *problems.of_units(looks),
        *problems.of_unfinished(looks),
        *problems.of_orientations(looks),
        *problems.of_brightness(looks),
        *(problems.of_classes(readable, reading, counts) if reading else ()),
        *problems.of_other_files((images, masks), found),
    ]
    looks = with_usual_channels(looks, problems.usual_channels(looks))
    pairs = tuple(look.pair for look in looks)
    frames = tuple(Frame(pair, index) for pair in pairs for index in range(pair.image.frames))
    pairing = Pairing(pairs, matching.images_without_mask, matching.masks_without_image, matching.rule)
    rare = {look.pair.group for look in problems.much_brighter(looks)}
    told = settings.groups is not None
    divided = split(frames, share=share, seed=seed, rare=rare, past=past, told=told)
    rows = (
        ("images", many(len(image_files), "file")),
        ("masks", many(len(mask_files), "file")),
        *_describe_pairs(looks, matching, settings),
        *_describe_masks(readable, reading, counts),
        *_describe_frames(frames),
        *_describe_groups(looks, duplicates, divided),
    )
    shown = _classes_of_groups(looks, reading)
    return Inspection(pairing, reading, frames, divided, shown, rows, tuple(findings), told)


def _look_at_all(
    matching: Matching, settings: DataSettings, progress: Progress
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
        reading = decide(censuses, settings.read_masks_as, settings.not_annotated)
    except (DataError, RequestError) as error:
        said = error.problems if isinstance(error, DataError) else [str(error)]
        return None, np.zeros((0, 1), int), [Finding("error", "", problem.rstrip(".")) for problem in said]
    return reading, np.array([reading.class_counts(census) for census in censuses]), []


def _classes_of_groups(looks: Sequence[Look], reading: MaskReading | None) -> dict[str, frozenset[int]]:
    shown: dict[str, set[int]] = defaultdict(set)
    for look in looks:
        if reading and not look.photographed:
            for census in look.censuses:
                shown[look.pair.group].update((np.flatnonzero(reading.class_counts(census)[1:]) + 1).tolist())
    return {group: frozenset(classes) for group, classes in shown.items()}


def _describe_pairs(looks: Sequence[Look], matching: Matching, settings: DataSettings) -> Iterator[tuple[str, str]]:
    images = [look.pair.image for look in looks]
    if not images:
        return
    usable = "" if len(images) == len(matching.pairs) else f" of {len(matching.pairs)} can be used"
    yield "pairs", f"{len(images)}{usable}, matched by {matching.rule}"
    yield "size", _span({image.space for image in images}, size_in_words)
    yield "type", ", ".join(sorted({image.dtype.name for image in images}))
    channels = _each_once(image.channels for image in images)
    chosen_from = f", chosen from {_each_once(look.stored_channels for look in looks)}" if settings.use_channels else ""
    yield "channels", channels + chosen_from
    known = {image.pixel_size for image in images if image.pixel_size}
    missing = any(image.pixel_size is None for image in images)
    unknown = ", in some files unknown" if known else "unknown"
    label = "voxel size" if len(images[0].space) == 3 else "pixel size"
    yield label, _span(known, pixel_size_in_words) + (unknown if missing else "")


def _describe_masks(
    looks: Sequence[Look], reading: MaskReading | None, counts: np.ndarray
) -> Iterator[tuple[str, str]]:
    if reading:
        shares = counts.sum(axis=0) / max(counts.sum(), 1)
        names = ["background", *class_names(len(shares) - 1)]
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
        copies = len({each.second for each in duplicates})
        joined = f"; {many(copies, 'image')} shown again by another" if copies else ""
        yield "grouped by", grouped_in_words(files) + joined
        yield "split", divided.sentence


def _each_once(several: Iterable[Sequence[str]]) -> str:
    return "; ".join(dict.fromkeys(", ".join(names) for names in several))


def _span(values: set[tuple], show: Callable[[tuple], str]) -> str:
    if not values:
        return ""
    smallest, largest = (show(find(values, key=np.prod)) for find in (min, max))
    return smallest if len(values) == 1 else f"{smallest} to {largest} ({len(values)} different)"
