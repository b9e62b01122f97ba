"""What an annotation would be without its mistake: as little of it changed as possible."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from morula.objects.labels import connected_pieces
from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.girth import redrawn
from morula.proofreading.sights import Sight
from morula.proofreading.suppositions import Evidence, exchange

Correction = Callable[[Sight, Evidence, float], np.ndarray]


def corrected(kind: str, sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    """The annotation without its mistake, uint8 `(*space)`.

    Args:
        kind: of the mistake, one of `SLIPS`.
        sight: the annotation, every pixel of it.
        evidence: what spoke against it, maybe of fewer pixels.
        wider: by how many pixels of the image it is drawn wider than the others; below 0 where it is narrower.
    """
    return CORRECTIONS[kind](sight, evidence, wider).astype(np.uint8)


def _moved(sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    by = [each * evidence.step for each in evidence.displacement.move]
    return ndimage.shift(sight.classes, by, order=0, prefilter=False)


def _redrawn(sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    return redrawn(sight.classes, -wider)


def _completed(sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    """With what is seen where nothing is drawn, as far as it hangs together there."""
    found = np.where(sight.classes == 0, sight.found, 0)
    return np.where(_piece(found, evidence.odd.missed.centre, evidence.step), found, sight.classes)


def _without(sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    """Without what is drawn where nothing is seen, as far as it hangs together there."""
    unseen = np.where((sight.found == 0) & (sight.classes != NOT_ANNOTATED), sight.classes, 0)
    return np.where(_piece(unseen, evidence.odd.invented.centre, evidence.step), 0, sight.classes)


def _piece(classes: np.ndarray, centre: tuple[int, ...], step: int) -> np.ndarray:
    pieces, _ = connected_pieces(classes)
    number = pieces[tuple(min(at * step + step // 2, side - 1) for at, side in zip(centre, pieces.shape, strict=True))]
    return (pieces == number) & (number > 0)


def _exchanged(sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    return exchange(sight.classes, evidence.exchanged)


def _turned(sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    return evidence.orientation.apply(sight.classes)


def _anew(sight: Sight, evidence: Evidence, wider: float) -> np.ndarray:
    """All of it as it is seen, since nothing of what is drawn belongs here."""
    return np.where(sight.classes == NOT_ANNOTATED, sight.classes, sight.found)


CORRECTIONS: dict[str, Correction] = {
    "shifted": _moved,
    "wider": _redrawn,
    "narrower": _redrawn,
    "left out": _completed,
    "added": _without,
    "swapped": _exchanged,
    "of another": _anew,
    "turned": _turned,
}
"""What is done about each of `SLIPS`."""
