"""What a set of images and masks is, in rows of a label and a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from morula.checks.data_settings import DataSettings
from morula.checks.duplicates import Duplicate
from morula.checks.looks import Look, size_in_words
from morula.headers.units import pixel_size_in_words
from morula.names.groups import Membership, grouped_in_words
from morula.names.lights import Joined
from morula.pairs.folders import Found
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.pairs.pairing import Matching
from morula.pairs.split import Split
from morula.plurals import many


def of_files(found: Found) -> Iterator[tuple[str, str]]:
    """How many there are, and where they were found."""
    for place, label, files in ((0, "images", found.images), (1, "masks", found.masks)):
        where = f" in {found.places[place]}" if found.places else ""
        count = many(len(files), "file")
        if place and found.drawn:
            count = f"{len(files)}, drawn in {many(len(found.drawn.sources), 'file')}"
        yield label, count + where


def of_pairs(
    looks: Sequence[Look], matching: Matching, shots: Joined, settings: DataSettings
) -> Iterator[tuple[str, str]]:
    """What the images are."""
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


def of_masks(
    looks: Sequence[Look], reading: MaskReading | None, counts: np.ndarray, names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """What the masks mean, and how much of them each class covers."""
    if reading:
        shares = counts.sum(axis=0) / max(counts.sum(), 1)
        names = ["background", *names]
        yield "masks read as", reading.sentence
        yield "classes", ", ".join(f"{name} {share:.1%}" for name, share in zip(names, shares, strict=True))
        annotated = counts.sum() / sum(census.pixels for look in looks for census in look.censuses)
        if annotated < 1:
            grain = "voxels" if len(looks[0].pair.mask.space) == 3 else "pixels"
            yield "annotated", f"{annotated:.2%} of the {grain}; the others do not count"


def of_frames(frames: Sequence[Frame]) -> Iterator[tuple[str, str]]:
    """How many there are to learn from."""
    if frames:
        moments = sum(frame.pair.image.frames > 1 for frame in frames)
        some = f", {moments} of them" if moments < len(frames) else ""
        yield "frames", f"{len(frames)}{some} moments in time" if moments else str(len(frames))


def of_groups(
    looks: Sequence[Look], duplicates: Sequence[Duplicate], divided: Split
) -> Iterator[tuple[str, str]]:
    """What belongs together, and which groups validate."""
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
