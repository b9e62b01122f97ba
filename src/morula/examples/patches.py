"""Patches to learn from: which frame, which place, turned how, all from the seed and the step."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from morula.examples.augment import source_size, vary_intensity, warp, warp_grid
from morula.examples.example import Example
from morula.images.tiles import mirrored
from morula.models.batch_sizes import BatchSizes
from morula.models.plan import Augmentation


@dataclass(frozen=True)
class Batch:
    """Patches and their annotation: float32 `(batch, channels, *patch)` and `(batch, classes, *patch)`.

    Where objects are told apart, also the distances of pixels from the edges of theirs, `(batch, 1, *patch)`.
    """

    images: Tensor
    shares: Tensor
    distances: Tensor | None = None


@dataclass(frozen=True)
class Share:
    """The part of every batch that one of several processes has: all of it, where there is one.

    >>> [Share(rank, 3).of(4) for rank in range(3)]
    [slice(0, 1, None), slice(1, 2, None), slice(2, 4, None)]
    """

    rank: int = 0
    ranks: int = 1

    def of(self, count: int) -> slice:
        """Which of so many samples; none of them where there are fewer than processes."""
        return slice(count * self.rank // self.ranks, count * (self.rank + 1) // self.ranks)


class Patches:
    """Draws batches from examples. Batch `step` depends on the seed and the step alone; of what is drawn, a part may be
    made.

    While a step is learned from, what the next one needs is read already: disks are slow, and reading leaves the
    processor to the network.
    """

    def __init__(self, examples: Sequence[Example], patch: tuple[int, ...], sizes: BatchSizes,
                 augmentation: Augmentation, seed: int, share: Share = Share()):
        self.examples = examples
        self.patch = patch
        self.sizes = sizes
        self.augmentation = augmentation
        self.seed = seed
        self.share = share
        self._source = source_size(patch, augmentation)
        self._reader = ThreadPoolExecutor(1)
        self._ahead: dict[int, Future[tuple[Tensor, np.random.Generator]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.examples, self.patch, self.sizes, self.augmentation, self.seed, self.share)

    def of_share(self, share: Share) -> Patches:
        """The same batches, of which another part is made."""
        return Patches(self.examples, self.patch, self.sizes, self.augmentation, self.seed, share)

    def batch(self, step: int) -> Batch:
        """The batch of a step, or its part, varied as the augmentation says."""
        ahead = self._ahead.pop(step, None)
        stack, rng = ahead.result() if ahead else self._sources(step)
        self._ahead = {step + 1: self._reader.submit(self._sources, step + 1)}
        count = self.sizes.at(step)
        part = self.share.of(count)
        grid = warp_grid(count, self._source, self.patch, self.augmentation, rng, part)
        stack = warp(stack, grid)
        channels, classes = self.examples[0].shape[0], self.examples[0].classes
        images, shares, distances = stack.tensor_split((channels, channels + classes), dim=1)
        images = vary_intensity(images, self.augmentation, rng, count, part)
        # Interpolation may round to just above the highest.
        return Batch(images, shares / 255, (distances / 255).clamp_max(1) if distances.shape[1] else None)

    def _sources(self, step: int) -> tuple[Tensor, np.random.Generator]:
        """The source patches of a step, and the generator that goes on to vary them."""
        rng = np.random.default_rng([self.seed, 0, step])
        shown = self.sizes.until(step)
        chosen = [self._example(shown + number) for number in range(self.sizes.at(step))]
        sought = [(example, self._centre(example, rng)) for example in chosen]
        own = sought[self.share.of(len(sought))]
        stack = np.stack([self._cut(example, centre) for example, centre in own or sought[:1]])
        return torch.from_numpy(stack[: len(own)]), rng

    def _example(self, count: int) -> Example:
        """Each pass shows every example once, in an order of its own."""
        lap, place = divmod(count, len(self.examples))
        return self.examples[_order(self.seed, lap, len(self.examples))[place]]

    def _cut(self, example: Example, centre: list[int]) -> np.ndarray:
        """A source patch of one example, image and annotation on top of each other, mirrored at the border."""
        space = example.shape[1:]
        indices = [mirrored(middle - size // 2, middle - size // 2 + size, length)
                   for middle, size, length in zip(centre, self._source, space, strict=True)]
        box = tuple(slice(int(along.min()), int(along.max()) + 1) for along in indices)
        piece = example.cut(box)
        inside = (slice(None), *np.ix_(*(along - part.start for along, part in zip(indices, box, strict=True))))
        return np.concatenate([planes[inside].astype(np.float32, copy=False) for planes in piece.planes])

    def _centre(self, example: Example, rng: np.random.Generator) -> list[int]:
        """Where in the frame the middle of the patch lies: at a place worth learning from, but well inside."""
        space = example.shape[1:]
        return [
            int(np.clip(place, size // 2, length - (size + 1) // 2)) if length > size
            else length // 2 + int(rng.integers(-(size // 16) - 1, size // 16 + 2))
            for place, size, length in zip(example.places.draw(space, rng), self.patch, space, strict=True)
        ]


@lru_cache(maxsize=2)  # a batch may end one pass and begin the next
def _order(seed: int, lap: int, count: int) -> np.ndarray:
    """The order in which a pass shows its examples."""
    return np.random.default_rng([seed, 1, lap]).permutation(count)
