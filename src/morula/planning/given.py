"""What a plan follows from: the frames, and what was decided already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.errors import RequestError
from morula.images.image import Image
from morula.models.plan import Plan
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.planning.training_settings import NetworkSettings, TrainSettings

COUNTED = 100
"""Frames whose objects are counted, or whose directions are looked at, at most."""
ENOUGH = 20
"""At least so many frames must follow a rule before it is taken for one."""


@dataclass(frozen=True)
class Given:
    """All that a plan follows from.

    Attributes:
        frames: those to learn from, at least one.
        reading: how their masks are to be read.
        settings: what the user decided already.
        network: the same about the network.
        earlier: the plan of a model to go on from.
    """

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

    def refuse_other_axes(self) -> None:
        if self.earlier and self.earlier.architecture.axes != self.axes:
            raise RequestError(f"The earlier model is for {self.earlier.architecture.axes}-D images, and these are "
                               f"{self.axes}-D. Train without --init, or say with --axes if they were misread.")


@dataclass(frozen=True)
class Pixels:
    """Frames as the network sees them.

    Attributes:
        typical: sides of a typical frame in binned pixels, `(axes,)`.
        spacing: lengths of a binned pixel, `(axes,)`; µm, or stored pixels where these have no known size.
    """

    typical: np.ndarray
    spacing: np.ndarray

    @classmethod
    def of(cls, given: Given, binning: tuple[int, ...]) -> Pixels:
        sides = np.array([-(-np.array(frame.pair.image.space) // binning) for frame in given.frames])
        return cls(np.median(sides, axis=0), np.array(given.image.pixel_size or [1.0] * given.axes) * binning)


def mask_of(frame: Frame, reading: MaskReading) -> np.ndarray:
    """The class numbers of a frame, uint8 `(*space)`."""
    return reading.class_numbers(frame.pair.mask.frame(frame.index))
