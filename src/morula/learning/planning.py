"""The plan made from the pairs: how coarse, how wide, how deep, how large a patch, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.errors import RequestError
from morula.images.image import Image
from morula.images.masks import NOT_ANNOTATED, MaskReading, class_names
from morula.images.pairs import Frame
from morula.learning.examples import class_planes, object_numbers
from morula.learning.pace import THOROUGH, Pace, chosen_pace
from morula.learning.polarity import rare_frames
from morula.learning.settings import NetworkSettings, TrainSettings
from morula.learning.spread import evenly
from morula.models.plan import Augmentation, Intensity, Plan
from morula.models.preprocessing import binned
from morula.networks.architecture import PUBLISHED, Architecture
from morula.networks.objective import DICE_CROSS_ENTROPY, fitting_weights
from morula.objects.labels import has_one_object
from morula.objects.separation import Separation
from morula.scores.compare import compare_masks
from morula.settings import read_settings

LARGEST_WHOLE = {1: 8192, 2: 192, 3: 64}
"""Frames of at most this side are shown whole, by the number of spatial axes."""
PART = {1: 4096, 2: 128, 3: 48}
"""Side of a patch of larger frames, likewise; of the longest side, where pixels are not as long as they are wide."""
SEEN = {1: 16 * 4096, 2: 16 * 128**2, 3: 2**17}
"""Pixels that a step learns from, likewise: a voxel takes longer than a pixel."""
SHORTEST = 4
"""No axis has fewer pixels than this in the last stage."""
STEADY = 2.5
"""Two classes lie in a fixed direction from each other if the mean of their distance is so many deviations long."""
LOOKED_AT = 12
"""Frames that are looked at to plan how coarse pixels may be."""
ENOUGH = 20
"""At least so many frames must hold a single object each before it is taken for a rule."""
NARROWEST = 12
"""Objects that are told apart stay at least so many binned pixels wide, but for a tenth of them."""
NAMED = 3
"""Frames of a rare kind that are named at most."""
COUNTED = 100
"""Frames whose objects are counted at most."""


def make_plan(
    frames: Sequence[Frame],
    reading: MaskReading,
    settings: TrainSettings,
    network: NetworkSettings,
    earlier: Plan | None = None,
) -> Plan:
    """Plan a training from its frames.

    Args:
        frames: the frames to learn from, at least one.
        reading: how their masks are to be read.
        settings: what the user decided already.
        network: the same about the network.
        earlier: the plan of a model to go on from. Its network, binning and intensity stay, unless decided otherwise.

    Raises:
        RequestError: the decisions do not fit the frames.
    """
    given = _Given(frames, reading, settings, network, earlier)
    given.refuse_other_axes()
    reasons: list[str] = []
    if given.pace != THOROUGH:
        reasons.append("A first look: the network is small, and pixels may be coarse.")
    binning = _plan_binning(given, reasons)
    pixels = _Pixels.of(given, binning)
    architecture = _plan_architecture(given, pixels, reasons)
    patch = _plan_patch(pixels, architecture.multiple, settings.patch, reasons)
    batch = _plan_batch(given, patch, architecture, reasons)
    if settings.objects:
        reasons.append("Objects that touch are separated: the network learns also how far each pixel lies from the "
                       "edge of its object.")
    if settings.loss != DICE_CROSS_ENTROPY:
        reasons.append(f"The loss is {settings.loss}, as asked.")
    classes = class_names(reading.classes)
    return Plan(
        channels=given.image.channels,
        classes=classes,
        pixel_size=given.image.pixel_size,
        binning=binning,
        intensity=_plan_intensity(given, reasons),
        architecture=architecture,
        separation=Separation() if settings.objects else None,
        main_object=not settings.objects and _plan_main_object(frames, reading, reasons),
        patch=patch,
        batch=batch,
        learning_rate=given.pace.learning_rate,
        warm_up=given.pace.warm_up,
        augmentation=_plan_augmentation(frames, reading, reasons),
        repeated=_plan_repeated(frames, reading, reasons),
        loss=settings.loss,
        class_weights=fitting_weights(settings.class_weights, classes),
        reasons=tuple(reasons),
    )


@dataclass(frozen=True)
class _Given:
    """All that a plan follows from."""

    frames: Sequence[Frame]
    reading: MaskReading
    settings: TrainSettings
    network: NetworkSettings
    earlier: Plan | None

    @property
    def image(self) -> Image:
        """The first, whose channels and pixel size stand for all."""
        return self.frames[0].pair.image

    @property
    def axes(self) -> int:
        return len(self.image.space)

    @property
    def pace(self) -> Pace:
        return chosen_pace(self.settings)

    def refuse_other_axes(self) -> None:
        if self.earlier and self.earlier.architecture.axes != self.axes:
            raise RequestError(f"The earlier model is for {self.earlier.architecture.axes}-D images, and these are "
                               f"{self.axes}-D. Train without --init, or say with --axes if they were misread.")


@dataclass(frozen=True)
class _Pixels:
    """Frames as the network sees them.

    Attributes:
        typical: sides of a typical frame in binned pixels, `(axes,)`.
        spacing: lengths of a binned pixel, `(axes,)`; µm, or stored pixels where these have no known size.
    """

    typical: np.ndarray
    spacing: np.ndarray

    @classmethod
    def of(cls, given: _Given, binning: tuple[int, ...]) -> _Pixels:
        sides = np.array([-(-np.array(frame.pair.image.space) // binning) for frame in given.frames])
        return cls(np.median(sides, axis=0), np.array(given.image.pixel_size or [1.0] * given.axes) * binning)


def _mask(frame: Frame, reading: MaskReading) -> np.ndarray:
    return reading.class_numbers(frame.pair.mask.frame(frame.index))


def _narrow_object(frames: Sequence[Frame], reading: MaskReading) -> float:
    """How wide a small object is in pixels, as the side of a square or cube of its size."""
    labels = [object_numbers(frame, reading) for frame in frames]
    sizes = np.concatenate([np.unique(each[each > 0], return_counts=True)[1] for each in labels])
    return float(np.percentile(sizes, 10)) ** (1 / labels[0].ndim) if len(sizes) else np.inf


def _plan_main_object(frames: Sequence[Frame], reading: MaskReading, reasons: list[str]) -> bool:
    """Whether the annotators outlined a single object in every frame and left out all others like it."""
    alone = len(frames) >= ENOUGH and all(has_one_object(_mask(frame, reading)) for frame in evenly(frames, COUNTED))
    if alone:
        reasons.append("No annotated frame holds more than one object, so only the largest piece of each mask is kept.")
    return alone


def _plan_binning(given: _Given, reasons: list[str]) -> tuple[int, ...]:
    """The coarsest pixels that still hold the outlines."""
    axes, reading, settings, pace = given.axes, given.reading, given.settings, given.pace
    if settings.binning:
        reasons.append(f"{settings.binning} pixels along each axis are averaged to one, as asked.")
        return (settings.binning,) * axes
    if given.earlier:
        reasons.append("Pixels are averaged and scaled as for the earlier model.")
        return given.earlier.binning
    frames = evenly(given.frames, LOOKED_AT)
    masks = [_mask(frame, reading) for frame in frames]
    smallest = min(min(mask.shape[-2:]) for mask in masks)
    narrow = _narrow_object(frames, reading) if settings.objects else np.inf
    for factor in (4, 3, 2):
        binning = (*[1] * (axes - 2), factor, factor)
        if smallest // factor < pace.smallest_side or narrow / factor < NARROWEST:
            continue
        kept = outlines_kept(masks, reading.classes, binning)
        if kept >= pace.kept:
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
                               classes, name="mask", outlines=False)
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


def _plan_architecture(given: _Given, pixels: _Pixels, reasons: list[str]) -> Architecture:
    settings, pace, earlier = given.network, given.pace, given.earlier
    classes = given.reading.classes
    fixed = {"inputs": len(given.image.channels), "outputs": 1 if classes == 1 else classes + 1,
             "distance": given.settings.objects, "axes": given.axes}
    if settings.network == "published":
        reasons.append("The network is that of the original work: 64 to 1024 features in 5 stages.")
        return read_settings(Architecture, PUBLISHED.model_dump() | fixed | settings.chosen)
    if earlier:
        kept = earlier.architecture.model_dump(exclude={"strides"} if settings.depth else None)
        reasons.append("The network is built as that of the earlier model, but for what was chosen otherwise.")
        return read_settings(Architecture, kept | fixed | settings.chosen)
    planned = {"width": pace.width, "block": "residual"}
    if settings.depth is None:
        strides = plan_strides(pixels.typical, pixels.spacing, pace.deepest)
        planned["depth"] = len(strides) + 1
        if any(1 in stride for stride in strides):
            planned["strides"] = strides
    architecture = read_settings(Architecture, planned | fixed | settings.chosen)
    narrow, *_, wide = *architecture.features, architecture.features[-1]
    reasons.append(f"The network has {architecture.depth} stages with {narrow} to {wide} features.")
    if len(set(architecture.multiple)) > 1:
        shrunk = " × ".join(f"1/{multiple}" for multiple in architecture.multiple)
        reasons.append(f"From the first stage to the last, a frame shrinks to {shrunk}: less along axes with longer or "
                       "fewer pixels.")
    return architecture


def plan_strides(typical: np.ndarray, spacing: np.ndarray, deepest: int) -> tuple[tuple[int, ...], ...]:
    """How the axes shrink from stage to stage: at most `deepest` stages, fewer where a frame would vanish.

    An axis waits while its pixels are much longer than those of the others, so that a thick slice is not averaged
    with the next before its own pixels have grown as long (as in nnU-Net, doi 10.1038/s41592-020-01008-z).

    Args:
        typical: sides of a typical frame in pixels, `(axes,)`.
        spacing: lengths of a pixel along each axis, in any unit, `(axes,)`.
        deepest: stages at most.
    """
    sides, lengths, strides = np.array(typical, float), np.array(spacing, float), []
    for _ in range(deepest - 1):
        room = sides / 2 >= SHORTEST
        if not room.any():
            break
        halved = room & (lengths < 2 * lengths[room].min() * (1 - 1e-6))
        stride = np.where(halved, 2, 1)
        strides.append(tuple(stride.tolist()))
        sides, lengths = sides / stride, lengths * stride
    return tuple(strides)


def _plan_patch(
    pixels: _Pixels, multiple: tuple[int, ...], asked: int | None, reasons: list[str]
) -> tuple[int, ...]:
    """A typical frame if that is small, a part of it otherwise: many small patches teach more than few large ones."""
    typical, spacing = pixels.typical, pixels.spacing
    axes = len(typical)
    whole = typical.max() <= LARGEST_WHOLE[axes]
    largest = asked or (LARGEST_WHOLE[axes] if whole else PART[axes])
    wanted = np.minimum(typical, largest if whole or asked else largest * spacing.min() / spacing)
    patch = tuple(int(max(side // step if side < length else -(-length // step), 1) * step)
                  for side, length, step in zip(wanted, typical, multiple, strict=True))
    words = " × ".join(map(str, patch))
    reasons.append(f"Patches are {words} pixels; a typical frame has {' × '.join(f'{s:.0f}' for s in typical)}.")
    return patch


def _plan_batch(given: _Given, patch: tuple[int, ...], architecture: Architecture, reasons: list[str]) -> int:
    """So many patches that each step learns from about as many pixels."""
    batch = given.settings.batch or max(2, round(given.pace.seen * SEEN[given.axes] / float(np.prod(patch))))
    if batch * np.prod(patch) == np.prod(architecture.multiple):
        raise RequestError(f"One patch of {' × '.join(map(str, patch))} px leaves a network of {architecture.depth} "
                           "stages a single pixel, of which nothing can be learned. Give a larger --patch or --batch.")
    reasons.append(f"A step learns from {batch} patches.")
    return batch


def _plan_intensity(given: _Given, reasons: list[str]) -> Intensity:
    """Colours keep their relation; other channels mean something each."""
    if given.earlier:
        return given.earlier.intensity
    channels = given.image.channels
    if len(channels) not in (3, 4) or channels[:3] != ("red", "green", "blue"):
        return Intensity(channels="each")
    reasons.append("Channels are scaled together, so that colours stay what they are.")
    return Intensity(channels="together")


def _plan_augmentation(frames: Sequence[Frame], reading: MaskReading, reasons: list[str]) -> Augmentation:
    """Patches are flipped and turned freely, but not where the classes say which way is up."""
    axes = len(frames[0].pair.image.space)
    masks = [_mask(frame, reading) for frame in evenly(frames, COUNTED)]
    steady = steady_axes(masks, reading.classes)
    flips = tuple(axis for axis in range(axes) if axis not in steady)
    if not steady:
        return Augmentation(flips=flips)
    names, them = ["zyx"[axis - axes] for axis in steady], "it" if len(steady) == 1 else "them"
    reasons.append(f"Classes always lie in the same direction from each other along {' and '.join(names)}, so patches "
                   f"are not flipped along {them}, and turned only a little.")
    turns = not {axes - 1, axes - 2} & set(steady)
    return Augmentation(flips=flips, turns=turns, rotation=180.0 if turns else 15.0)


def _plan_repeated(frames: Sequence[Frame], reading: MaskReading, reasons: list[str]) -> dict[str, int]:
    """Dark objects among bright ones, or bright among dark, are shown more often than they occur."""
    rare = rare_frames(frames, reading)
    if rare:
        named = ", ".join(list(rare)[:NAMED]) + (", …" if len(rare) > NAMED else "")
        often = " or ".join(f"{times} times" for times in sorted(set(rare.values())))
        reasons.append("What is annotated is darker than the rest in some frames and brighter in others. The rarer "
                       f"kind, {len(rare)} of {len(frames)} frames ({named}), is shown {often} as often.")
    return rare


def steady_axes(masks: Sequence[np.ndarray], classes: int) -> tuple[int, ...]:
    """The axes along which some two classes always lie in the same direction from each other.

    Args:
        masks: class numbers `(*space)`.
        classes: the number of classes without background.
    """
    centres = np.array([[np.argwhere(mask == number).mean(0) if (mask == number).any() else [np.nan] * mask.ndim
                         for number in range(1, classes + 1)] for mask in masks])
    found = set()
    for one in range(classes):
        for other in range(one):
            apart = centres[:, one] - centres[:, other]
            apart = apart[np.isfinite(apart).all(1)]
            if len(apart) >= ENOUGH:
                mean, deviation = apart.mean(0), apart.std(0)
                found |= set(np.flatnonzero(np.abs(mean) > STEADY * np.maximum(deviation, 1e-9)).tolist())
    return tuple(sorted(found))
