"""Which frames are copies of each other: turned, flipped, cropped, resized, brighter, of other contrast, compressed.

Frames that share rare landmarks are laid on each other and compared in detail. Neighbours in a movie share what
stands still, but not what moved and not the noise, and so most are not found. Those that are nearly equal are: whether
they are copies, `explaining` says. Shapes that are all alike, such as discs, tell nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from morula.checks.alignment import FEWEST, NEAR, Placement, Plane, likeness, place, shared_view
from morula.checks.landmarks import SYMMETRIES, Landmarks

TABLES = 10  # ways of sorting landmarks; like ones meet in most of them
BITS = 18  # of the key by which they are sorted
DETAILS = 20  # numbers that a patch is reduced to
MATCHES = 200  # of two frames, by which one is laid on the other
NEIGHBOURS = 8  # landmarks of one key that each is compared with
ALIKE = 0.85  # correlation of two patches from which they may show the same
CHANCES = 2  # that two families of copies have of being one
TRIED = 20  # frames that each frame is laid on, those with the most common landmarks
COPY = 0.5  # likeness from which frames are copies where one shows more than the other
NEIGHBOUR = 0.75  # likeness that frames of the same view must have, which neighbours in a movie do not reach
SAME_VIEW = 0.85  # share of all that two frames show
REMEMBERED = 256  # planes
AT_ONCE = 50_000  # patches that are unpacked
DISTINCT = 5  # landmarks of different looks that must agree; discs have up to 3, all alike, and copies 6 at least
PARTS = 16  # in which matches are gathered


@dataclass(frozen=True)
class Copy:
    """Two frames that show the same picture, or nearly.

    Attributes:
        first, second: their places in the sequence that was searched, `first < second`.
        likeness: of their detail, at most 1.
        change: what was done to the one to give the other, in words; empty where it lies as it lay. It says nothing of
            brightness, contrast and compression.
        placement: of the first on the second, in pixels of their planes.
    """

    first: int
    second: int
    likeness: float
    change: str
    placement: Placement


def find_copies(landmarks: Sequence[Landmarks], plane: Callable[[int], np.ndarray]) -> list[Copy]:
    """Copies among frames: so many pairs that all frames of one picture are linked, not all that there are.

    Args:
        landmarks: those of each frame.
        plane: gives the plane of a frame (`plane_of`), asked for where copies are suspected.
    """
    families = Families(len(landmarks))
    known = lru_cache(REMEMBERED)(lambda frame: Plane(plane(frame)))
    copies: list[Copy] = []
    tried, between = Counter(), Counter()
    for first, second, shared in _candidates(_matches(landmarks)):
        ours, theirs = families.of(first), families.of(second)
        if ours == theirs or max(tried[first], tried[second]) >= TRIED or between[ours, theirs] >= CHANCES:
            continue
        placement = _placed(landmarks[first], landmarks[second], shared)
        copy = _compared(first, second, known(first), known(second), placement) if placement else None
        if copy:
            families.join(first, second)
            copies.append(copy)
        else:
            tried.update((first, second))
            between.update(((ours, theirs), (theirs, ours)))
    return copies


@dataclass(frozen=True)
class Matches:
    """Pairs of landmarks that look alike.

    Attributes:
        rows: frame and landmark, frame and landmark, int32 `(matches, 4)`, in the order of the frames.
        worth: one over the number of matches of the more common landmark, `(matches,)`.
    """

    rows: np.ndarray
    worth: np.ndarray


class Families:
    """Which things belong together, as more and more of them are joined."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def of(self, thing: int) -> int:
        """The first of its family."""
        while self._parents[thing] != thing:
            self._parents[thing] = thing = self._parents[self._parents[thing]]
        return thing

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.of(one), self.of(other)))
        self._parents[second] = first


def _compared(first: int, second: int, ours: Plane, theirs: Plane, placement: Placement) -> Copy | None:
    view = shared_view(ours, theirs, placement)
    alike = likeness(ours, theirs, placement)
    if alike < (COPY if view < SAME_VIEW else NEIGHBOUR):
        return None
    words = [placement.in_words(), "cropped" if view < SAME_VIEW else ""]
    return Copy(first, second, alike, " and ".join(filter(None, words)), placement)


def _matches(landmarks: Sequence[Landmarks]) -> Matches:
    """Pairs of landmarks that look alike, of those frames that share enough of them."""
    frames = np.repeat(np.arange(len(landmarks), dtype=np.int32), [len(each) for each in landmarks])
    if len(np.unique(frames)) < 2:
        return Matches(np.zeros((0, 4), np.int32), np.zeros(0))
    places = np.concatenate([np.arange(len(each), dtype=np.int32) for each in landmarks])
    count = len(frames)
    parts = _pairs(np.concatenate([each.patches for each in landmarks]), frames)
    common = [sum((np.bincount(side(part, count), minlength=count) for part in parts), np.zeros(count, int))
              for side in (np.floor_divide, np.remainder)]
    rows, worth = [np.zeros((0, 4), np.int32)], [np.zeros(0)]
    for part in parts:
        first, second = np.divmod(part[_gathered(frames[part // count], frames[part % count])], count)
        rows.append(np.stack([frames[first], places[first], frames[second], places[second]], axis=1))
        worth.append(1 / np.maximum(common[0][first], common[1][second]))
    return Matches(np.concatenate(rows), np.concatenate(worth))


def _pairs(patches: np.ndarray, frames: np.ndarray) -> list[np.ndarray]:
    """Pairs of like patches of two frames, each as one number: the first times all there are, plus the second.

    They are divided by the frame of the first, and sorted, int64: joining what tables found takes a multiple of a part
    in memory, and not of all.
    """
    starts = np.searchsorted(frames, np.linspace(0, frames[-1] + 1, PARTS + 1))
    parts = [np.zeros(0, np.int64) for _ in range(PARTS)]
    for met in _met(patches, frames):
        cuts = np.searchsorted(met, starts * len(patches))
        for number, (start, end) in enumerate(pairwise(cuts)):
            parts[number] = np.union1d(parts[number], met[start:end])
    return parts


def _gathered(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Places of the matches of two frames that have at least `FEWEST`, those of the same two beside each other."""
    both = ours.astype(np.int64) << 32 | theirs
    order = np.argsort(both, kind="stable")
    counts = np.unique(both, return_counts=True)[1]
    return order[np.repeat(counts >= FEWEST, counts)]


def _met(patches: np.ndarray, frames: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs as in `_pairs`, sorted, table after table; one may be met in several.

    Of the patches, only some are unpacked at once.
    """
    rng = np.random.default_rng(0)
    details = _details(patches)
    for _ in range(TABLES):
        directions = rng.standard_normal((DETAILS, BITS)).astype(np.float32)
        keys = np.zeros(len(details), np.int32)
        for bit, along in enumerate(directions.T):
            keys |= (details @ along > 0).astype(np.int32) << bit
        order = np.argsort(keys, kind="stable")
        sorted_keys = keys[order]
        met = [np.zeros(0, np.int64)]
        for away in range(1, NEIGHBOURS + 1):
            same = np.flatnonzero(sorted_keys[:-away] == sorted_keys[away:])
            one, other = order[same], order[same + away]
            apart = frames[one] != frames[other]
            one, other = one[apart], other[apart]
            for part in np.array_split(np.arange(len(one)), len(one) // AT_ONCE + 1):
                ours, theirs = (patches[which[part]].astype(np.float32) for which in (one, other))
                good = part[np.einsum("ij,ij->i", ours, theirs) >= ALIKE]
                met.append(np.minimum(one[good], other[good]) * len(patches) + np.maximum(one[good], other[good]))
        yield np.sort(np.concatenate(met))


def _details(patches: np.ndarray) -> np.ndarray:
    """What patches differ in most, each such number of the same spread, float32 `(patches, DETAILS)`."""
    mean = patches.mean(axis=0, dtype=np.float32)
    spread, axes = np.linalg.eigh(np.cov(patches[:: max(1, len(patches) // 20_000)].T.astype(np.float32)))
    axes = (axes[:, -DETAILS:] / np.sqrt(np.maximum(spread[-DETAILS:], 1e-6))).astype(np.float32)
    parts = np.array_split(patches, len(patches) // AT_ONCE + 1)
    return np.concatenate([(part.astype(np.float32) - mean) @ axes for part in parts])


def _candidates(matches: Matches) -> Iterator[tuple[int, int, np.ndarray]]:
    """Pairs of frames with the rows of their matches, those first that share most of what few others have."""
    if not len(matches.rows):
        return
    frames = matches.rows[:, [0, 2]]
    starts = np.flatnonzero(np.r_[True, (frames[1:] != frames[:-1]).any(axis=1)])
    ends = np.r_[starts[1:], len(frames)]
    shared = np.add.reduceat(matches.worth, starts)
    for which in np.argsort(-shared, kind="stable"):
        first, second = frames[starts[which]].tolist()
        yield first, second, matches.rows[starts[which] : ends[which]]


def _placed(ours: Landmarks, theirs: Landmarks, matches: np.ndarray) -> Placement | None:
    """The placement that most matches speak for; None where they are few, or all look alike as the rims of discs do."""
    few = matches[:: len(matches) // MATCHES + 1]
    _, one, _, other = few.T
    symmetries = _symmetries(ours, theirs, few)
    found = place(symmetries, ours.places[one], theirs.places[other], ours.sizes[one], theirs.sizes[other])
    return found if found and _tells(ours, theirs, matches, found) else None


def _symmetries(ours: Landmarks, theirs: Landmarks, matches: np.ndarray) -> np.ndarray:
    """Which of `SYMMETRIES` each match speaks for."""
    _, one, _, other = matches.T
    turns = SYMMETRIES[theirs.symmetries[other]] @ SYMMETRIES[ours.symmetries[one]].transpose(0, 2, 1)
    return (turns[:, None] == SYMMETRIES).all(axis=(2, 3)).argmax(axis=1)


def _tells(ours: Landmarks, theirs: Landmarks, matches: np.ndarray, placement: Placement) -> bool:
    """Whether landmarks of enough different looks agree on a placement: shapes that are all alike fit by chance."""
    _, one, _, other = matches.T
    laid = placement.scale * (ours.places[one] @ SYMMETRIES[placement.symmetry].T) + placement.shift
    agree = np.linalg.norm(laid - theirs.places[other], axis=1) < NEAR + theirs.sizes[other] / 2
    agree &= _symmetries(ours, theirs, matches) == placement.symmetry
    looks = np.zeros((0, ours.patches.shape[1]), np.float32)
    for patch in ours.patches[np.unique(one[agree])].astype(np.float32):
        if not (looks @ patch >= ALIKE).any():
            looks = np.vstack([looks, patch])
            if len(looks) == DISTINCT:
                return True
    return False
