"""What separates objects beside the network: whether masks number them, how deep cores are, and how good that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.checks.data_settings import DataSettings
from morula.errors import RequestError
from morula.examples.example import object_numbers
from morula.models.model import Model
from morula.objects.labels import numbers_objects
from morula.objects.separation import Separation, separated
from morula.objects.touching import touching_share
from morula.pairs.census import Census
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.pair import Frame
from morula.pairs.spread import evenly
from morula.progress import Progress, silent
from morula.scores.matching import ObjectScores, match_objects

CORES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Depths of cores that are tried."""
EQUAL = 0.01
"""Depths whose precision differs by less are taken for equally good, and the middle one is chosen."""
SIZES = (0.1, 0.25, 0.5)
"""Smallest objects that are tried, as shares of a small true one."""
SMALL = 5
"""The percentile of the sizes of true objects that is called small: a few are smaller still, cut by the frame."""
TRIED = 2**22
"""Pixels that are tried on, about; one frame is tried on however large it is."""
LOOKED_AT = 12
"""Frames whose objects are looked at before a training."""
TORN = 2
"""Pieces for each number, at the most, where numbers may stand for objects of which some fell apart."""
NOTABLE = 0.1
"""From this share of objects that touch another, it is worth to say that they can be separated."""


def reading_objects(data: DataSettings) -> DataSettings:
    """The same settings for label images, which is what separating objects is learned from.

    Raises:
        RequestError: masks shall be read as something else.
    """
    if data.read_masks_as not in ("auto", "objects"):
        raise RequestError(f"--objects learns from label images, and --read-masks-as {data.read_masks_as} says that "
                           "the masks are none. Leave out one of both.")
    return data.model_copy(update={"read_masks_as": "objects"})


def require_numbers(frames: Sequence[Frame], reading: MaskReading) -> None:
    """Refuse masks in which a value does not stand for one object.

    Raises:
        RequestError: they are such.
    """
    if reading.carrier != "grey":
        raise RequestError("The masks hold colours, and --objects learns from label images: grey ones, in which each "
                           "object has a number of its own.")
    censuses = _censuses(frames)
    if not numbers_objects(censuses, reading):
        values, pieces = sum(census.distinct - 1 for census in censuses), sum(census.pieces for census in censuses)
        how = "Give each object its number, as Fiji's Connected Components Labeling does, or leave out --objects."
        if pieces <= TORN * values:
            how = "If these are some, say so with --read-masks-as objects; otherwise leave out --objects."
        raise RequestError(
            f"The masks do not number objects: in {len(censuses)} of them, {values} values other than 0 stand for "
            f"{pieces} pieces. Objects that touch are separated after label images, in which each object has a number "
            f"of its own. {how}"
        )


def advice(frames: Sequence[Frame], reading: MaskReading) -> str | None:
    """That objects could be separated, where masks number many that touch."""
    if not numbers_objects(_censuses(frames), reading):
        return None
    some = evenly(frames, LOOKED_AT)
    touch, count = np.sum([touching_share(object_numbers(frame, reading)) for frame in some], axis=0)
    if touch < NOTABLE * count:
        return None
    return (f"The masks number objects, of which {touch / count:.0%} touch another: these would become one. With "
            "--objects they are separated.")


def chosen_separation(
    model: Model, frames: Sequence[Frame], reading: MaskReading, progress: Progress = silent
) -> Separation:
    """How deep cores and how small objects should be, by the mean average precision of objects on annotated frames.

    Args:
        model: trained to separate objects.
        frames: frames with label images, at least one; if they are large, the first few are tried on.
        reading: how these are read.
        progress: called with frames done, frames in all, and words.
    """
    seen, pixels = [], 0
    for frame in frames:
        if pixels > TRIED:
            break
        progress(len(seen), len(frames), "choosing what separates objects")
        truth = object_numbers(frame, reading)
        seen.append((truth, _unknown(frame, reading), *model.mask_and_distances(frame.pair.image, frame.index)))
        pixels += truth.size

    def precision(separation: Separation) -> float:
        scores = [match_objects(truth, _known(np.asarray(separated(mask, distances, separation)), unknown))
                  for truth, unknown, mask, distances in seen]
        return ObjectScores.pool(scores).mean_average_precision or 0.0

    sizes = np.concatenate([np.unique(truth[truth > 0], return_counts=True)[1] for truth, *_ in seen])
    small = np.percentile(sizes, SMALL) if len(sizes) else 1
    smallest = max(1, int(small * SIZES[0]))
    precisions = [precision(Separation(core=core, smallest=smallest)) for core in CORES]
    alike = [core for core, found in zip(CORES, precisions, strict=True) if found >= max(precisions) - EQUAL]
    core = alike[len(alike) // 2]
    return max((Separation(core=core, smallest=max(1, int(share * small))) for share in SIZES), key=precision)


def score_objects(
    model: Model, frames: Sequence[Frame], reading: MaskReading, progress: Progress = silent
) -> ObjectScores | None:
    """How many objects a model finds on annotated frames, at full resolution; None if there are no frames."""
    scores = []
    for done, frame in enumerate(frames):
        progress(done, len(frames), "counting objects of the validation frames")
        found = _known(model.objects(frame.pair.image, frame.index), _unknown(frame, reading))
        scores.append(match_objects(object_numbers(frame, reading), found))
    return ObjectScores.pool(scores) if scores else None


def _unknown(frame: Frame, reading: MaskReading) -> np.ndarray:
    return reading.class_numbers(frame.pair.mask.frame(frame.index)) == NOT_ANNOTATED


def _known(labels: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """The objects that do not lie mostly where nobody annotated, where nobody knows whether they are any."""
    if not unknown.any():
        return labels
    numbers, place = np.unique(labels, return_inverse=True)
    place = place.reshape(labels.shape)
    outside = 2 * np.bincount(place[unknown], minlength=len(numbers)) > np.bincount(place.ravel())
    return np.where(outside[place], 0, labels)


def _censuses(frames: Sequence[Frame]) -> list[Census]:
    return [Census.read(frame.pair.mask, frame.index) for frame in evenly(frames, LOOKED_AT)]
