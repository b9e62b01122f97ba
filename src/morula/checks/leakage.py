"""What a split at random would have let through: validation frames that would have had their like in the training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from morula.checks.flattened import plane_of
from morula.checks.landmarks import SYMMETRIES
from morula.pairs.pair import Frame
from morula.pairs.split import Split
from morula.progress import Progress

THUMB = 24  # pixels along both sides of what is compared
SPLITS = 20  # at random


@dataclass(frozen=True)
class Leakage:
    """A split at random beside the split by groups.

    Attributes:
        validating: the number of validation frames.
        related: how many of them share a group with a training frame, the mean of random splits.
        alike_at_random: how alike a validation frame and the training frame most like it are, the median over all
            validation frames of random splits: the correlation of coarse planes, at best 1.
        alike_by_group: the same of the split by groups.
    """

    validating: int
    related: float
    alike_at_random: float
    alike_by_group: float

    def rows(self) -> Iterator[tuple[str, str]]:
        """What to say about it, as label and value."""
        count = f"{self.related:.0f} of {self.validating}"
        yield "split at random", f"{count} validation frames would have one of their group in the training"
        random, grouped = f"{self.alike_at_random:.2f}", f"{self.alike_by_group:.2f}"
        yield "most alike", f"{random} split at random, {grouped} as split: a validation frame and a training frame"


def find_leakage(frames: Sequence[Frame], split: Split, progress: Progress) -> Leakage | None:
    """Compare a split with splits at random of as many frames; None where nothing validates.

    Images are read again, a frame at a time.
    """
    if not split.validation or not split.training:
        return None
    thumbs = []
    for done, frame in enumerate(frames):
        progress(done, len(frames), f"comparing {frame.name}")
        thumbs.append(_thumb(plane_of(frame.pair.image, frame.index)))
    progress(len(frames), len(frames), "compared")
    alike = _likeness(np.array(thumbs))
    groups = np.unique([frame.group for frame in frames], return_inverse=True)[1]
    place = {id(frame): number for number, frame in enumerate(frames)}
    training, validation = ([place[id(frame)] for frame in part] for part in (split.training, split.validation))
    by_group = alike(validation, training)
    related, at_random = [], []
    rng = np.random.default_rng(0)
    for _ in range(SPLITS):
        order = rng.permutation(len(frames))
        held, kept = order[: len(validation)], order[len(validation) :]
        related.append(np.isin(groups[held], groups[kept]).sum())
        at_random.append(alike(held, kept))
    return Leakage(len(validation), float(np.mean(related)), float(np.median(at_random)), float(np.median(by_group)))


def _thumb(plane: np.ndarray) -> np.ndarray:
    from skimage.transform import resize

    small = np.asarray(resize(plane, (THUMB, THUMB), anti_aliasing=True))
    small -= small.mean()
    return small / max(float(np.linalg.norm(small)), 1e-6)


def _likeness(thumbs: np.ndarray) -> Callable[[Sequence[int] | np.ndarray, Sequence[int] | np.ndarray], np.ndarray]:
    """How alike each of some frames is to the most alike of others, turned and flipped as fits best."""
    flat = thumbs.reshape(len(thumbs), -1)
    turned = [np.ascontiguousarray(_turned(thumbs, symmetry)).reshape(flat.shape) for symmetry in SYMMETRIES]

    def alike(some: Sequence[int] | np.ndarray, others: Sequence[int] | np.ndarray) -> np.ndarray:
        return np.max([(each[some] @ flat[others].T).max(axis=1) for each in turned], axis=0)

    return alike


def _turned(planes: np.ndarray, symmetry: np.ndarray) -> np.ndarray:
    down, right = symmetry.sum(axis=1)
    return (planes.transpose(0, 2, 1) if symmetry[0, 0] == 0 else planes)[:, ::down, ::right]
