"""A forest that learns from strokes: pixels that somebody annotated teach the numbers of all others.

After I. Arganda-Carreras et al., Trainable Weka Segmentation, 2017, and S. Berg et al., ilastik, 2019. The trees are
extremely randomised: P. Geurts, D. Ernst and L. Wehenkel, 2006.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from morula.errors import RequestError
from morula.pairs.masks import NOT_ANNOTATED
from morula.plurals import listed, many
from morula.sketches.features import Filtered

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier

TREES = 32
DEEPEST = 20
"""Questions from the root of a tree to its leaf, at most."""
MOST = 3000
"""Pixels of a class that are learned from; of more, so many are drawn."""
PART = 2**15
"""Pixels that go through the forest together, whose numbers stay in the caches."""


@dataclass(frozen=True)
class Sketch:
    """What was learned from strokes, for frames of the same kind.

    Attributes:
        forest: of scikit-learn, in memory only: strokes are kept, and a forest is learned from them within a second.
        drawn: the numbers of the classes that it knows, in ascending order, the background 0 among them.
        classes: how many classes there are beside the background.
        channels: of the frames.
        axes: how many axes of space they have.
    """

    forest: ExtraTreesClassifier
    drawn: tuple[int, ...]
    classes: int
    channels: int
    axes: int

    @classmethod
    def learn(
        cls, examples: Sequence[tuple[np.ndarray | Filtered, np.ndarray]], classes: int, seed: int = 0
    ) -> Sketch:
        """Learn from the annotated pixels of one or a few frames.

        Args:
            examples: frames, as numbers of any type `(channels, *space)` or filtered already, each with the class
                numbers of its pixels, uint8 `(*space)`: 0 background, 1 to `classes`, and 255 not annotated.
            classes: how many classes there are beside the background.
            seed: everything follows from it: the same strokes and seed give the same forest.

        Raises:
            RequestError: the background or all classes lack strokes, or frames have different channels or axes.
            ValueError: numbers do not fit their frame, or are of no class.
        """
        from sklearn.ensemble import ExtraTreesClassifier

        frames = [filtered(frame) for frame, _ in examples]
        strokes = [np.asarray(numbers) for _, numbers in examples]
        drawn = _drawn(frames, strokes, classes)
        seen, taught = _learned_from(frames, strokes, drawn, np.random.default_rng(seed))
        forest = ExtraTreesClassifier(
            TREES, max_depth=DEEPEST, class_weight="balanced", n_jobs=1, random_state=seed
        ).fit(seen, taught)
        return cls(forest, drawn, classes, frames[0].channels, len(frames[0].space))

    def probabilities(self, planes: np.ndarray | Filtered) -> np.ndarray:
        """How probable each class is at each pixel: float32 `(1 + classes, *space)`, 0 for one without strokes.

        They are shares of the trees' votes, not calibrated, as if there were equally many pixels of each class.

        Args:
            planes: a frame, numbers of any type `(channels, *space)`, or filtered already.

        Raises:
            RequestError: it has other channels or axes than what was learned from.
        """
        frame = filtered(planes)
        if (frame.channels, len(frame.space)) != (self.channels, self.axes):
            raise RequestError(_unlike(frame, self.channels, self.axes))
        found = np.zeros((1 + self.classes, *frame.space), np.float32)
        found[list(self.drawn)] = frame.enlarged(self._votes(frame.values))
        return found

    def mask(self, planes: np.ndarray | Filtered) -> np.ndarray:
        """The most probable class of each pixel, uint8 `(*space)`; takes and raises what `probabilities` does."""
        first, *others = self.probabilities(planes)
        found = np.zeros(first.shape, np.uint8)
        for number, probability in enumerate(others, start=1):
            np.copyto(found, np.uint8(number), where=probability > first)
            first = np.maximum(first, probability)
        return found

    def _votes(self, values: np.ndarray) -> np.ndarray:
        """Shares of the votes, float32 `(drawn, *bins)`."""
        pixels = values.reshape(len(values), -1).T
        votes = np.zeros((len(self.drawn), len(pixels)), np.float32)
        trees = [(tree.tree_, np.ascontiguousarray(tree.tree_.value[:, 0].T, np.float32))
                 for tree in self.forest.estimators_]

        def vote(start: int) -> None:
            here = slice(start, start + PART)
            for tree, shares in trees:
                leaves = tree.apply(pixels[here])
                for own, share in zip(votes, shares, strict=True):  # a row at a time: an index over all is slow
                    own[here] += share.take(leaves)

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(vote, range(0, len(pixels), PART)))
        return (votes / len(trees)).reshape(-1, *values.shape[1:])


def filtered(frame: np.ndarray | Filtered) -> Filtered:
    """A frame as its filters see it."""
    return frame if isinstance(frame, Filtered) else Filtered.of(frame)


def _drawn(frames: Sequence[Filtered], strokes: Sequence[np.ndarray], classes: int) -> tuple[int, ...]:
    """The classes with strokes, if these can teach."""
    for frame, numbers in zip(frames, strokes, strict=True):
        if (frame.channels, len(frame.space)) != (frames[0].channels, len(frames[0].space)):
            raise RequestError(_unlike(frame, frames[0].channels, len(frames[0].space)))
        if numbers.shape != frame.space:
            raise ValueError(f"class numbers of the shape {numbers.shape} do not fit a frame of {frame.space}")
    present = {int(each) for numbers in strokes for each in np.unique(numbers)} - {NOT_ANNOTATED}
    if present - set(range(classes + 1)):
        raise ValueError(f"there are classes 0 to {classes}, and {max(present)} was drawn")
    if 0 not in present or len(present) < 2:
        raise RequestError(_what_to_draw(present, classes))
    return tuple(sorted(present))


def _what_to_draw(present: set[int], classes: int) -> str:
    study = "what you study" if classes == 1 else f"what you study, of any of the classes 1 to {classes}"
    if not present:
        return f"Nothing was drawn. A first mask needs a stroke on {study}, and one on the background."
    if 0 in present:
        return f"Only background was drawn. Draw a stroke on {study}, too."
    shown = listed([str(each) for each in sorted(present)])
    return (f"Only class{'es' * (len(present) > 1)} {shown} {'were' if len(present) > 1 else 'was'} drawn, and no "
            "background. Draw a stroke on the background, too.")


def _unlike(frame: Filtered, channels: int, axes: int) -> str:
    return (f"A sketch of frames with {many(channels, 'channel')} and {axes} axes does not fit one with "
            f"{many(frame.channels, 'channel')} and {len(frame.space)} axes. Draw strokes in frames of one kind.")


def _learned_from(
    frames: Sequence[Filtered], strokes: Sequence[np.ndarray], drawn: Sequence[int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Features `(pixels, features)` and classes `(pixels)` of the pixels that are learned from."""
    seen, taught = [], []
    for number in drawn:
        own = [np.flatnonzero(numbers == number) for numbers in strokes]
        ends = np.cumsum([len(places) for places in own])
        chosen = np.sort(rng.choice(ends[-1], min(MOST, ends[-1]), replace=False))
        for frame, places, end in zip(frames, own, ends, strict=True):
            here = places[chosen[(chosen >= end - len(places)) & (chosen < end)] - (end - len(places))]
            at = np.unravel_index(here, frame.space)
            bins = tuple(along // size for along, size in zip(at, frame.bin, strict=True))
            seen.append(frame.values[(slice(None), *bins)].T)
            taught.append(np.full(len(here), number))
    return np.concatenate(seen), np.concatenate(taught)
