"""An annotation beside what networks see in its frame, pixel by pixel; of a large frame, of some pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from morula.images.image import Image
from morula.models.model import Model
from morula.objects.classes import most_probable
from morula.pairs.masks import NOT_ANNOTATED
from morula.segmenting.seen import seen_as

LARGEST = 2**18
"""Pixels of a frame that are looked at, at most; of larger ones, some that lie evenly."""


@dataclass(frozen=True)
class Sight:
    """An annotation and what is seen.

    Attributes:
        classes: as they were annotated, uint8 `(*space)`, 255 for what nobody annotated.
        seen: the probability of each class without background, float32 `(classes, *space)`.
        step: so many pixels of the image lie between two of these, along each axis.
        learned: whether the networks that saw it had learned from this annotation.
    """

    classes: np.ndarray
    seen: np.ndarray
    step: int
    learned: bool

    @cached_property
    def foreground(self) -> np.ndarray:
        """The probability of any class, float32 `(*space)`."""
        return self.seen.sum(0)

    @property
    def found(self) -> np.ndarray:
        """The most probable classes, uint8 `(*space)`."""
        return most_probable(np.concatenate([1 - self.foreground[None], self.seen]))


def sight(
    models: Sequence[Model], image: Image, frame: int, classes: np.ndarray, numbers: np.ndarray,
    largest: float = LARGEST,
) -> Sight:
    """Look at a frame through those networks that have not learned from it; through all, where there are no such.

    Args:
        models: that know the same classes.
        image: with the channels of its file.
        frame: which of its frames.
        classes: as they were annotated, uint8 `(*space)` at full size.
        numbers: the class number, in the annotation, of each class of the models.
        largest: pixels that are looked at, at most.

    Raises:
        ModelError: the image has other channels or another number of spatial axes than a model.
        FileError: it cannot be read.
    """
    step = max(1, int(np.ceil((classes.size / largest) ** (1 / classes.ndim))))
    fitted = [model.fitted(image, typed=True) for model in models]
    new = [seen_as(model, each, frame) in ("new", "validation") for model, each in zip(models, fitted, strict=True)]
    chosen = [place for place, is_new in enumerate(new) if is_new] or list(range(len(models)))
    views = [_thinned(models[place], fitted[place], frame, step) for place in chosen]
    seen = np.mean(views, axis=0, dtype=np.float32)
    ordered = np.zeros_like(seen)
    ordered[numbers - 1] = seen
    return Sight(thinned(classes, step), ordered, step, not any(new))


def thinned(classes: np.ndarray, step: int) -> np.ndarray:
    """Every so many pixels one, along each axis."""
    return classes[(slice(step // 2, None, step),) * classes.ndim] if step > 1 else classes


def _thinned(model: Model, image: Image, frame: int, step: int) -> np.ndarray:
    """The probabilities of the classes without background, taken band by band."""
    sides = thinned(np.broadcast_to(0, image.space), step).shape
    seen = np.empty((len(model.classes), *sides), np.float32)
    for band in model.bands(image, frame):
        firsts = [(step // 2 - part.start) % step for part in band.box]
        places = [slice((part.start + first) // step, None) for part, first in zip(band.box, firsts, strict=True)]
        found = band.probabilities[(slice(1, None), *(slice(first, None, step) for first in firsts))]
        box = (slice(place.start, place.start + length) for place, length in zip(places, found.shape[1:], strict=True))
        seen[(slice(None), *box)] = found
    return seen


def weights(classes: np.ndarray) -> np.ndarray:
    """1 where something is annotated, background too, and 0 elsewhere, float32 `(*space)`."""
    return (classes != NOT_ANNOTATED).astype(np.float32)


def dice(overlap: Any, drawn: Any, seen: Any) -> np.ndarray:
    """How well an annotation agrees with probabilities, from 0 to 1: twice what they share over what both have.

    The coefficient of Dice 1945, doi 10.2307/1932409, with probabilities in place of a second annotation.
    """
    return 2 * np.asarray(overlap) / np.maximum(np.asarray(drawn) + seen, 1e-6)
