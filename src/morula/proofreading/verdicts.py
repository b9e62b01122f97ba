"""What is said of each annotation: how probably it is wrong, and what is wrong with it, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from morula.pairs.masks import class_names
from morula.proofreading.odd_objects import OddObject
from morula.proofreading.proofs import Proofs
from morula.proofreading.slips import SLIPS
from morula.proofreading.suppositions import Evidence
from morula.proofreading.suspicion import LISTED

LEAST_WIDTH = 0.5
"""Pixels by which an annotation must be wider or narrower than the others to be called so."""
WAYS = {
    "x": ("px to the left", "px to the right"),
    "y": ("px too high", "px too low"),
    "z": ("slices before its place", "slices behind its place"),
}
"""How an annotation lies that should be moved forwards or backwards along an axis."""


@dataclass(frozen=True)
class Verdict:
    """What is said of an annotation.

    Attributes:
        place: which it is, among all.
        wrong: how probably it is wrong, from 0 to 1.
        kind: what is wrong, if anything is, one of `SLIPS`.
        words: the same for a person.
    """

    place: int
    wrong: float
    kind: str
    words: str

    @property
    def listed(self) -> bool:
        """Whether it deserves a second look."""
        return self.wrong >= LISTED


@dataclass(frozen=True)
class _Told:
    """What words are made of."""

    proofs: Proofs
    place: int
    frames: Sequence[str]
    classes: Sequence[str]

    @property
    def evidence(self) -> Evidence:
        return self.proofs.several[self.place]

    @property
    def wider(self) -> float:
        """Pixels of the image by which it is drawn wider than the others."""
        return self.proofs.usual.wider(self.evidence) * self.evidence.step


def verdicts(proofs: Proofs, frames: Sequence[str], classes: Sequence[str]) -> list[Verdict]:
    """What is said of each annotation, those that are most probably wrong first, and of these those that agree least.

    Args:
        proofs: what is thought of all.
        frames: their names.
        classes: the names of the classes without background.
    """
    order = sorted(range(len(frames)), key=lambda at: (-proofs.suspicion.wrong[at], proofs.several[at].agreement))
    return [_verdict(_Told(proofs, place, frames, classes)) for place in order]


def _verdict(told: _Told) -> Verdict:
    """With the most probable mistake of those that there are words for."""
    suspicion, names = told.proofs.suspicion, list(SLIPS)
    probable = [names[number] for number in np.argsort(-suspicion.kinds[told.place], kind="stable")]
    kind, words = next((kind, words) for kind in probable if (words := WORDS[kind](told)))
    return Verdict(told.place, float(suspicion.wrong[told.place]), kind, words)


def _shifted(told: _Told) -> str:
    """Such as `lies 4 px to the left and 2 px too high`."""
    move, step = told.evidence.displacement.move, told.evidence.step
    ways = [f"{abs(by) * step} {WAYS[axis][by < 0]}"
            for axis, by in reversed(list(zip("zyx"[-len(move) :], move, strict=True))) if by]
    return f"lies {' and '.join(ways)}" if ways else ""


def _wider(told: _Told) -> str:
    return f"drawn wider than the others by {told.wider:.2g} px" if told.wider >= LEAST_WIDTH else ""


def _narrower(told: _Told) -> str:
    return f"drawn narrower than the others by {-told.wider:.2g} px" if told.wider <= -LEAST_WIDTH else ""


def _left_out(told: _Told) -> str:
    missed = told.evidence.odd.missed
    return f"an object like others is not outlined{_at(missed, told.evidence)}" if missed.radius else ""


def _added(told: _Told) -> str:
    invented = told.evidence.odd.invented
    return f"outlined where nothing is{_at(invented, told.evidence)}" if invented.radius else ""


def _at(odd: OddObject, evidence: Evidence) -> str:
    """Where it is, as other programs show it: x before y."""
    where = zip("xyz", reversed(odd.centre), strict=False)
    return f" (at {', '.join(f'{axis} {at * evidence.step}' for axis, at in where)})"


def _swapped(told: _Told) -> str:
    if not told.evidence.swapped:
        return ""
    one, other = (told.classes[number - 1] for number in told.evidence.exchanged)
    if tuple(told.classes) == class_names(len(told.classes)):
        return "classes {} and {} swapped here".format(*told.evidence.exchanged)
    return f"{one} and {other} swapped here"


def _of_another(told: _Told) -> str:
    where = told.proofs.where[told.place]
    return f"fits image {told.frames[where.place]} better" if where.gain > 0 else ""


def _turned(told: _Told) -> str:
    return "mirrored or turned"


WORDS: dict[str, Callable[[_Told], str]] = {
    "shifted": _shifted,
    "wider": _wider,
    "narrower": _narrower,
    "left out": _left_out,
    "added": _added,
    "swapped": _swapped,
    "of another": _of_another,
    "turned": _turned,
}
"""How each of `SLIPS` is told; empty where nothing speaks for it."""
