"""The plan made from the pairs: how coarse, how wide, how deep, how large a patch, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.errors import RequestError
from morula.images.masks import NOT_ANNOTATED, MaskReading, class_names
from morula.images.pairs import Frame
from morula.learning.examples import class_planes
from morula.learning.settings import NetworkSettings, TrainSettings
from morula.models.plan import Augmentation, Intensity, Plan
from morula.models.preprocessing import binned
from morula.networks.architecture import PUBLISHED, Architecture
from morula.objects.compare import compare_masks
from morula.objects.labels import has_one_object

KEPT = 0.985
"""Outlines must survive binning with at least this mean IoU."""
SMALLEST_SIDE = 192
"""Binning leaves frames at least this large, in pixels."""
LARGEST_WHOLE = 192
"""Frames of at most this side are shown whole."""
PART = 128
"""Side of a patch of larger frames."""
LOOKED_AT = 12
"""Frames that are looked at to plan how coarse pixels may be."""
ENOUGH = 20
"""At least so many frames must hold a single object each before it is taken for a rule."""
COUNTED = 100
"""Frames whose objects are counted at most."""


def make_plan(
    frames: Sequence[Frame], reading: MaskReading, settings: TrainSettings, network: NetworkSettings
) -> Plan:
    """Plan a training from its frames.

    Args:
        frames: the frames to learn from, at least one.
        reading: how their masks are to be read.
        settings: what the user decided already.
        network: the same about the network.
    """
    image = frames[0].pair.image
    axes = len(image.space)
    reasons: list[str] = []

    binning = _plan_binning(_some(frames, LOOKED_AT), reading, settings, reasons)
    sides = np.array([[-(-length // factor) for length, factor in zip(frame.pair.image.space, binning, strict=True)]
                      for frame in frames])
    architecture = _plan_architecture(len(image.channels), reading.classes, axes, network, reasons)
    patch = _plan_patch(sides, architecture.multiple, settings, reasons)
    batch = settings.batch or max(2, round(16 * 128**2 / float(np.prod(patch))))
    if batch * np.prod(patch) == np.prod(architecture.multiple):
        raise RequestError(f"One patch of {' × '.join(map(str, patch))} px leaves a network of {architecture.depth} "
                           "stages a single pixel, of which nothing can be learned. Give a larger --patch or --batch.")
    reasons.append(f"A step learns from {batch} patches.")
    together = len(image.channels) in (3, 4) and image.channels[:3] == ("red", "green", "blue")
    if together:
        reasons.append("Channels are scaled together, so that colours stay what they are.")
    return Plan(
        channels=image.channels,
        classes=class_names(reading.classes),
        pixel_size=image.pixel_size,
        binning=binning,
        intensity=Intensity(channels="together" if together else "each"),
        architecture=architecture,
        main_object=_plan_main_object(frames, reading, reasons),
        patch=patch,
        batch=batch,
        learning_rate=0.02,
        augmentation=Augmentation(),
        reasons=tuple(reasons),
    )


def _some(frames: Sequence[Frame], count: int) -> list[Frame]:
    """At most `count` frames, spread evenly."""
    return [frames[i] for i in np.linspace(0, len(frames) - 1, min(count, len(frames))).astype(int)]


def _mask(frame: Frame, reading: MaskReading) -> np.ndarray:
    return reading.class_numbers(frame.pair.mask.frame(frame.index))


def _plan_main_object(frames: Sequence[Frame], reading: MaskReading, reasons: list[str]) -> bool:
    """Whether the annotators outlined a single object in every frame and left out all others like it."""
    alone = len(frames) >= ENOUGH and all(has_one_object(_mask(frame, reading)) for frame in _some(frames, COUNTED))
    if alone:
        reasons.append("No annotated frame holds more than one object, so only the largest piece of each mask is kept.")
    return alone


def _plan_binning(
    frames: Sequence[Frame], reading: MaskReading, settings: TrainSettings, reasons: list[str]
) -> tuple[int, ...]:
    """The coarsest pixels that still hold the outlines."""
    axes = len(frames[0].pair.image.space)
    if settings.binning:
        reasons.append(f"{settings.binning} pixels along each axis are averaged to one, as asked.")
        return (settings.binning,) * axes
    masks = [_mask(frame, reading) for frame in frames]
    smallest = min(min(mask.shape[-2:]) for mask in masks)
    for factor in (4, 3, 2):
        binning = (*[1] * (axes - 2), factor, factor)
        if smallest // factor < SMALLEST_SIDE:
            continue
        kept = outlines_kept(masks, reading.classes, binning)
        if kept >= KEPT:
            reasons.append(f"{factor} × {factor} pixels are averaged to one: outlines survive that with an IoU of "
                           f"{kept:.3f}, and the network sees more at once.")
            return binning
    reasons.append("Pixels are used as they are: coarser ones would lose detail of the outlines.")
    return (1,) * axes


def outlines_kept(masks: Sequence[np.ndarray], classes: int, binning: tuple[int, ...]) -> float:
    """The mean IoU, background included, of masks with themselves after binning and back.

    Args:
        masks: class numbers `(*space)`.
        classes: the number of classes without background.
        binning: pixels averaged to one along each axis.
    """
    found = []
    for mask in masks:
        coarse = binned(class_planes(mask, classes), binning)
        back = _enlarged(coarse, binning)[(slice(None), *(slice(0, length) for length in mask.shape))]
        scores = compare_masks(mask, np.where(mask == NOT_ANNOTATED, mask, back.argmax(0)).astype(np.uint8),
                               classes, name="mask")
        found.append(scores.mean_iou or 0.0)
    return float(np.mean(found))


def _enlarged(planes: np.ndarray, binning: tuple[int, ...]) -> np.ndarray:
    """Planes `(planes, *space)` with each axis stretched linearly, as probabilities are after the network."""
    for axis, factor in enumerate(binning, start=1):
        if factor == 1:
            continue
        length = planes.shape[axis]
        places = ((np.arange(length * factor) + 0.5) / factor - 0.5).clip(0, length - 1)
        low = np.minimum(places.astype(int), max(0, length - 2))
        share = (places - low).reshape(-1, *[1] * (planes.ndim - 1 - axis))
        high = np.minimum(low + 1, length - 1)
        planes = planes.take(low, axis) * (1 - share) + planes.take(high, axis) * share
    return planes


def _plan_architecture(
    channels: int, classes: int, axes: int, settings: NetworkSettings, reasons: list[str]
) -> Architecture:
    fixed = {"inputs": channels, "outputs": 1 if classes == 1 else classes + 1, "axes": axes}
    if settings.network == "published":
        reasons.append("The network is that of the original work: 64 to 1024 features in 5 stages.")
        return Architecture.model_validate(PUBLISHED.model_dump() | fixed | settings.chosen)
    planned = {"width": 16, "depth": 5, "block": "residual"}
    architecture = Architecture.model_validate(planned | fixed | settings.chosen)
    narrow, *_, wide = *architecture.features, architecture.features[-1]
    reasons.append(f"The network has {architecture.depth} stages with {narrow} to {wide} features.")
    return architecture


def _plan_patch(
    sides: np.ndarray, multiple: tuple[int, ...], settings: TrainSettings, reasons: list[str]
) -> tuple[int, ...]:
    """A typical frame if that is small, a part of it otherwise: many small patches teach more than few large ones."""
    typical = np.median(sides, axis=0)
    largest = settings.patch or (LARGEST_WHOLE if typical.max() <= LARGEST_WHOLE else PART)
    patch = tuple(int(np.clip(-(-side // step) * step, step, max(largest // step, 1) * step))
                  for side, step in zip(typical, multiple, strict=True))
    words = " × ".join(map(str, patch))
    reasons.append(f"Patches are {words} pixels; a typical frame has {' × '.join(f'{s:.0f}' for s in typical)}.")
    return patch
