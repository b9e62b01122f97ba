"""What one must know to use a model in another program, as data: it stands in its files and on its page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from morula.errors import RequestError
from morula.models.model import Model
from morula.models.plan import Intensity, Plan
from morula.models.sweep import OVERLAP
from morula.objects.separation import Separation
from morula.plurals import listed

BACKGROUND, DISTANCE = "background", "distance from the edge"
THRESHOLD = 0.5
"""From this probability on a pixel is of the one class, where there is one."""
LARGEST_SIZE = 2**24
"""Pixels of an image of the only size: what writes a file computes one of it, in a gigabyte or two of memory."""
NO_WEIGHT = 4
"""One in so many of the pixels that tiles share has no weight: so far from its edge a tile lacks context."""


@dataclass(frozen=True)
class Usage:
    """How an exported model is used.

    Attributes:
        model: the fingerprint of the model.
        axes: letters of its spatial axes, such as `yx`.
        channels: names, in the order that the network wants.
        classes: names without background.
        maps: what comes out, in order.
        intensity: how pixels are normalised first.
        pixel_size: µm along each spatial axis, where known.
        least: along each axis, the shortest side that the network takes.
        step: by how much a side may be longer: sides are least + n · step.
        halo: pixels at each end of an axis that lack context.
        space: the only size that it takes; None where there are many.
        separation: how touching objects are told apart; None where they are not.
    """

    model: str
    axes: str
    channels: tuple[str, ...]
    classes: tuple[str, ...]
    maps: tuple[str, ...]
    intensity: Intensity
    pixel_size: tuple[float, ...] | None
    least: tuple[int, ...]
    step: tuple[int, ...]
    halo: tuple[int, ...]
    space: tuple[int, ...] | None = None
    separation: Separation | None = None

    @property
    def smallest(self) -> tuple[int, ...]:
        """The only size that it takes, or the smallest."""
        return self.space or self.least

    @property
    def sides_in_words(self) -> str:
        """The sizes of images that it takes, in the order of the axes."""
        if self.space:
            return " × ".join(map(str, self.space))
        return " × ".join(f"({least} + n · {step})" for least, step in zip(self.least, self.step, strict=True))

    @property
    def together(self) -> bool:
        """Whether all channels are normalised by the same numbers."""
        return self.intensity.channels == "together" and len(self.channels) > 1

    @property
    def normalisation(self) -> str:
        """What happens to pixels first, as a formula."""
        low, high = self.intensity.low, self.intensity.high
        over = "all channels of an image together" if self.together else "each channel of an image by itself"
        return (f"x ← min(max(x, P{low:g}), P{high:g}); x ← (x − mean(x)) / standard deviation(x). P are percentiles, "
                f"interpolated linearly; they, mean and deviation are those of {over}; a deviation of 0 counts as 1")

    @property
    def decision(self) -> str:
        """How a mask follows from the maps."""
        if len(self.classes) == 1:
            return f"a pixel is {self.classes[0]} where its probability is at least {THRESHOLD}"
        return f"a pixel is of the most probable class: {listed([BACKGROUND, *self.classes])}, counted from 0"

    @property
    def facts(self) -> dict[str, Any]:
        """All of it as plain values and lists of these."""
        known = {
            "morula.model": self.model, "axes": ["batch", "channel", *self.axes], "channels": [*self.channels],
            "classes": [*self.classes], "maps": [*self.maps],
            "size": [*self.space] if self.space else "min + n * step", "size.min": [*self.least],
            "size.step": [*self.step], "halo": [*self.halo],
            "pixel_size_um": [*self.pixel_size] if self.pixel_size else None, "normalisation": self.normalisation,
            "normalisation.percentiles": [self.intensity.low, self.intensity.high],
            "normalisation.together": self.together, "decision": self.decision,
        }
        if len(self.classes) == 1:
            known["threshold"] = THRESHOLD
        if self.separation:
            known["objects.core"] = self.separation.core
            known["objects.smallest"] = self.separation.smallest
        return known

    def properties(self) -> dict[str, str]:
        """The facts as texts, those that are none as JSON, as files of other programs keep them."""
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in self.facts.items()}


def usage_of(model: Model, size: int | Sequence[int] | str = "dynamic") -> Usage:
    """How a model is used once it is exported.

    Args:
        model: a trained model.
        size: the only size of images, all sides or each; or "dynamic" for any.

    Raises:
        RequestError: the network takes no images of this size; the nearest that it takes are named.
    """
    plan, architecture = model.plan, model.plan.architecture
    step = tuple(side * factor for side, factor in zip(architecture.multiple, plan.binning, strict=True))
    shared = OVERLAP[architecture.axes] * architecture.stem // NO_WEIGHT
    halo = tuple(shared * factor for factor in plan.binning)
    least = tuple(side * (2 * lost // side + 1) for side, lost in zip(step, halo, strict=True))
    usage = Usage(model.fingerprint, "zyx"[-architecture.axes :], plan.channels, plan.classes, _maps(plan),
                  plan.intensity, plan.pixel_size, least, step, halo, None, plan.separation)
    if isinstance(size, str):
        return usage
    return replace(usage, space=_space((size,) * len(step) if isinstance(size, int) else size, usage))


def _maps(plan: Plan) -> tuple[str, ...]:
    classes = plan.classes if plan.architecture.outputs == 1 else (BACKGROUND, *plan.classes)
    return (*classes, *([DISTANCE] if plan.architecture.distance else []))


def _space(size: Sequence[int], usage: Usage) -> tuple[int, ...]:
    """A size that the network takes, or a refusal with those that it does."""
    if len(size) != len(usage.axes):
        raise RequestError(f"--size has {len(size)} numbers, and the model sees {len(usage.axes)} axes "
                           f"({', '.join(usage.axes)}). Give one number for all, or one for each.")
    for axis, side, least, step in zip(usage.axes, size, usage.least, usage.step, strict=True):
        more = max(0, (side - least) // step)
        if side < least or (side - least) % step:
            near = least + step * more
            raise RequestError(f"--size {side}: along {axis}, the network takes {least} pixels and any number of times "
                               f"{step} more, such as {near} or {near + step}. Choose one of these.")
    if prod(size) > LARGEST_SIZE:
        raise RequestError(f"--size {'×'.join(map(str, size))} has {prod(size):,} pixels, and the most that is "
                           f"exported is {LARGEST_SIZE:,}. Choose a smaller one, and let larger images go through in "
                           "pieces.")
    return tuple(size)
