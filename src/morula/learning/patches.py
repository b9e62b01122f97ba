"""Patches to learn from: which frame, which place, turned how, all from the seed and the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from morula.learning.augment import source_size, vary_intensity, warp, warp_grid
from morula.learning.examples import Example
from morula.models.plan import Augmentation
from morula.models.tiles import mirrored


@dataclass(frozen=True)
class Batch:
    """Patches and their annotation: float32 `(batch, channels, *patch)` and `(batch, classes, *patch)`."""

    images: Tensor
    shares: Tensor


class Patches:
    """Draws batches from examples. Batch `step` depends on the seed and the step alone."""

    def __init__(self, examples: Sequence[Example], patch: tuple[int, ...], batch: int,
                 augmentation: Augmentation, seed: int):
        self.examples = examples
        self.patch = patch
        self.size = batch
        self.augmentation = augmentation
        self.seed = seed
        self._source = source_size(patch, augmentation)
        self._foreground = [_sample_foreground(example.shares) for example in examples]

    def batch(self, step: int) -> Batch:
        """The batch of a step, varied as the augmentation says."""
        rng = np.random.default_rng([self.seed, 0, step])
        # Each pass shows every example once, in an order of its own.
        chosen = [self._example(step * self.size + i) for i in range(self.size)]
        stack = torch.from_numpy(np.stack([self._cut(index, rng) for index in chosen]))
        grid = warp_grid(self.size, self._source, self.patch, self.augmentation, rng)
        stack = warp(stack, grid)
        channels = self.examples[0].image.shape[0]
        images, shares = stack[:, :channels], stack[:, channels:] / 255
        return Batch(vary_intensity(images, self.augmentation, rng), shares)

    def _example(self, count: int) -> int:
        lap, place = divmod(count, len(self.examples))
        return int(np.random.default_rng([self.seed, 1, lap]).permutation(len(self.examples))[place])

    def _cut(self, index: int, rng: np.random.Generator) -> np.ndarray:
        """A source patch of one example, image and shares on top of each other, mirrored at the border."""
        example = self.examples[index]
        space = example.image.shape[1:]
        centre = self._centre(index, space, rng)
        rows = [mirrored(middle - size // 2, middle - size // 2 + size, length)
                for middle, size, length in zip(centre, self._source, space, strict=True)]
        everywhere = np.ix_(*rows)
        image = example.image[(slice(None), *everywhere)]
        shares = example.shares[(slice(None), *everywhere)].astype(np.float32)
        return np.concatenate([image, shares])

    def _centre(self, index: int, space: tuple[int, ...], rng: np.random.Generator) -> list[int]:
        """A place where the patch lies in the frame; one in three is drawn to the annotated classes."""
        places = self._foreground[index]
        drawn = rng.random() < 1 / 3 and len(places)
        target = places[rng.integers(len(places))] if drawn else [rng.integers(size) for size in space]
        return [
            int(np.clip(place, size // 2, length - (size + 1) // 2)) if length > size
            else length // 2 + int(rng.integers(-(size // 16) - 1, size // 16 + 2))
            for place, size, length in zip(target, self.patch, space, strict=True)
        ]


def _sample_foreground(shares: np.ndarray, count: int = 512) -> np.ndarray:
    """Places of foreground pixels `(at most count, axes)`, the same number from each class."""
    rng = np.random.default_rng(0)
    found = []
    for plane in shares[1:]:
        places = np.argwhere(plane > 127)
        if len(places):
            found.append(places[rng.integers(len(places), size=count)])
    return np.concatenate(found) if found else np.empty((0, shares.ndim - 1), int)
