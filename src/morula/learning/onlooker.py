"""A person who looks on while a network learns: now and then, the mask of a frame as it would be drawn by now."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Protocol

import numpy as np

from morula.errors import MorulaError
from morula.images.image import Image
from morula.machine.number_formats import Precision
from morula.models.engines import Engine
from morula.models.fitting import fitted
from morula.models.plan import Plan
from morula.models.sweep import sweep
from morula.networks.unet import UNet

SHARE = 0.02
"""Of the time that looking may take."""
MOST = 4
"""What is looked at has at most so many times the pixels of a batch: then a look takes about as long as a step."""

FIRST = 8
"""The step after which to look first: before, there is nothing but noise."""


class Watch(Protocol):
    """Who wants to see what."""

    def wanted(self) -> tuple[Image, int] | None:
        """The frame to look at now: its image and its number; None if nobody looks."""
        ...

    def show(self, image: np.ndarray, mask: np.ndarray, step: int) -> None:
        """What was seen.

        Args:
            image: the frame `(channels, *space)`, or of a large one its middle.
            mask: class numbers, uint8 `(*space)`.
            step: after which it would be drawn so.
        """
        ...


class Onlooker:
    """Looks at a frame through a network that learns, as often as the share of the time allows; nothing is changed."""

    def __init__(self, watch: Watch, plan: Plan, precision: Precision):
        self._watch, self._plan = watch, plan
        self._precision: Precision = precision
        self._began = time.perf_counter()
        self._spent = self._last = 0.0

    def look(self, network: UNet, step: int) -> None:
        """Look, if it is time to; what cannot be seen is let be, for learning must go on."""
        now = time.perf_counter()
        if step < FIRST or self._spent + self._last > SHARE * (now - self._began):
            return
        with suppress(MorulaError, OSError):
            if wanted := self._watch.wanted():
                frame = self._part(*wanted)
                bands = sweep(Engine(network, self._precision), self._plan, frame, 0)
                self._watch.show(frame.frame(0), np.concatenate([band.classes for band in bands]), step)
        self._last = time.perf_counter() - now
        self._spent += self._last

    def _part(self, image: Image, number: int) -> Image:
        """The frame alone, with the channels of the plan; of a large one the middle."""
        image = fitted(image, self._plan, typed=False)
        most = MOST * self._plan.batch * np.prod(np.multiply(self._plan.patch, self._plan.binning), dtype=float)
        shrink = min(1.0, (most / np.prod(image.space, dtype=float)) ** (1 / len(image.space)))
        lengths = [max(1, round(length * shrink)) for length in image.space]
        box = tuple(slice((whole - part) // 2, (whole - part) // 2 + part)
                    for whole, part in zip(image.space, lengths, strict=True))
        return Image.from_array(image.region(number, box), "C" + image.axes[2:], name=image.name,
                                channels=image.channels)
