"""The plan made from the pairs, one decision after the other, each with its reason in words."""

from __future__ import annotations

from collections.abc import Sequence

from morula.models.plan import Plan
from morula.networks.objective import DICE_CROSS_ENTROPY, fitting_weights
from morula.objects.labels import has_one_object, mostly_annotated
from morula.objects.separation import Separation
from morula.objects.specks import speck_sizes, specks_in_words
from morula.pairs.masks import MaskReading
from morula.pairs.named_classes import named_classes
from morula.pairs.pair import Frame
from morula.pairs.spread import evenly
from morula.planning.batches import plan_batches, plan_patch
from morula.planning.binning import plan_binning
from morula.planning.directions import plan_augmentation
from morula.planning.given import COUNTED, ENOUGH, Given, Pixels, mask_of
from morula.planning.polarity import plan_repeated
from morula.planning.stages import plan_architecture
from morula.planning.staining import plan_colours, plan_intensity
from morula.planning.training_settings import NetworkSettings, TrainSettings

LEARNING_RATE, WARM_UP = 0.025, 16
"""The highest learning rate, and steps until it is reached."""


def make_plan(
    frames: Sequence[Frame],
    reading: MaskReading,
    settings: TrainSettings,
    network: NetworkSettings,
    earlier: Plan | None = None,
    names: Sequence[str] | None = None,
) -> Plan:
    """Plan a training from its frames.

    Args:
        frames: the frames to learn from, at least one.
        reading: how their masks are to be read.
        settings: what the user decided already.
        network: the same about the network.
        earlier: the plan of a model to go on from. Its network, binning and intensity stay, unless decided otherwise,
            and the names of its classes if there are as many.
        names: what the classes are called, background left out; where nobody says it, they are numbered.

    Raises:
        RequestError: the decisions do not fit the frames.
    """
    given = Given(frames, reading, settings, network, earlier)
    given.refuse_other_axes()
    reasons: list[str] = []
    if settings.quick:
        reasons.append("As asked, the network is small, and pixels may be coarser than outlines need.")
    binning = plan_binning(given, reasons)
    pixels = Pixels.of(given, binning)
    architecture = plan_architecture(given, pixels, reasons)
    patch = plan_patch(pixels, architecture.multiple, settings.patch, reasons)
    sizes = plan_batches(given, patch, architecture, reasons)
    if settings.objects:
        reasons.append("Objects that touch are separated: the network learns also how far each pixel lies from the "
                       "edge of its object.")
    if settings.loss != DICE_CROSS_ENTROPY:
        reasons.append(f"The loss is {settings.loss}, as asked.")
    if names is None and earlier and len(earlier.classes) == reading.classes:
        names = earlier.classes
    classes = named_classes(names, reading.classes)
    intensity = plan_intensity(given, reasons)
    return Plan(
        channels=given.image.channels,
        classes=classes,
        pixel_size=given.image.pixel_size,
        binning=binning,
        intensity=intensity,
        architecture=architecture,
        separation=Separation() if settings.objects else None,
        specks=_plan_specks(given, classes, reasons),
        main_object=not settings.objects and _plan_main_object(given, reasons),
        patch=patch,
        batch=sizes.last,
        first_batch=sizes.first,
        learning_rate=LEARNING_RATE,
        warm_up=WARM_UP,
        augmentation=plan_colours(given, plan_augmentation(given, reasons), intensity, reasons),
        repeated=plan_repeated(given, reasons),
        loss=settings.loss,
        class_weights=fitting_weights(settings.class_weights, classes),
        reasons=tuple(reasons),
    )


def _plan_specks(given: Given, classes: tuple[str, ...], reasons: list[str]) -> tuple[float, ...]:
    """How small pieces of each class are that no annotator would have drawn; nothing where too few frames tell."""
    if len(given.frames) < ENOUGH:
        return ()
    masks = (mask_of(frame, given.reading) for frame in evenly(given.frames, COUNTED))
    sizes = speck_sizes(filter(mostly_annotated, masks), given.reading.classes, ENOUGH)
    if max(sizes) <= 1:
        return ()
    reasons.append(f"Pieces below {specks_in_words(sizes, classes)} take the class around them: nineteen of twenty "
                   "annotated ones have at least twice as many.")
    return sizes


def _plan_main_object(given: Given, reasons: list[str]) -> bool:
    """Whether the annotators outlined a single object in every frame and left out all others like it."""
    alone = len(given.frames) >= ENOUGH and all(
        has_one_object(mask_of(frame, given.reading)) for frame in evenly(given.frames, COUNTED))
    if alone:
        reasons.append("No annotated frame holds more than one object, so only the largest piece of each mask is kept.")
    return alone
