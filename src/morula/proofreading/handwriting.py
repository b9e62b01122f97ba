"""Whose outlines are wider than those of others, and by how much: people who annotate differ in that systematically."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from morula.plurals import listed, many

FEWEST = 5
"""Groups of images of which a person must have drawn masks, and the others, too; of fewer, chance tells as much."""
ALARMS = 0.01
"""Of sets in which all draw alike, in so many is a person told to draw otherwise, at most."""
SURE = 1.96
"""Standard deviations to each side of an interval of 95 %."""


@dataclass(frozen=True)
class Hand:
    """How a person draws, beside others.

    Attributes:
        name: of the person.
        others: names of these.
        masks: how many the person drew.
        wider: by how many pixels the outlines are wider than those of the others; below 0 where they are narrower.
        ends: of the interval of 95 % around that.
        systematic: whether this is more than chance would give.
    """

    name: str
    others: tuple[str, ...]
    masks: int
    wider: float
    ends: tuple[float, float]
    systematic: bool


@dataclass(frozen=True)
class Handwriting:
    """How all who annotated draw.

    Attributes:
        hands: those that could be compared, who draws widest first; of two people the one that draws wider.
        few: who drew too little for that.
        micrometres: the size of a pixel, if it is known and everywhere the same.
    """

    hands: tuple[Hand, ...]
    few: tuple[str, ...]
    micrometres: float | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """Whose outlines are wider or narrower, by how much, and who could not be compared."""
        said = [self._said(hand) for hand in self.hands if hand.systematic]
        if said:
            said.append("Each mask was compared with what the model sees in its image; where people outlined images "
                        "of other kinds, this may be the reason.")
        elif self.hands:
            most = max(self.hands, key=lambda hand: abs(hand.wider))
            said += ["Nobody draws wider or narrower than others by more than chance would give.", self._said(most)]
        if self.few:
            said.append(f"{listed(self.few)} cannot be compared: masks of at least {FEWEST} images that do not belong "
                        "together are needed, and as many by others.")
        return tuple(said)

    def _said(self, hand: Hand) -> str:
        """Such as `ben draws wider than anna by 2.1 px (1.6 to 2.5; 1.1 µm) in 24 masks.`"""
        way, sign = ("wider", 1) if hand.wider >= 0 else ("narrower", -1)
        low, high = sorted(sign * end for end in hand.ends)
        length = f"; {sign * hand.wider * self.micrometres:.2g} µm" if self.micrometres else ""
        others = hand.others[0] if len(hand.others) == 1 else "the others"
        lengths = f"{sign * hand.wider:.1f} px ({low:.1f} to {high:.1f}{length})"
        return f"{hand.name} draws {way} than {others} by {lengths} in {many(hand.masks, 'mask')}."


def handwriting(
    widths: Sequence[float | None], names: Sequence[str], groups: Sequence[str], micrometres: float | None = None
) -> Handwriting:
    """Compare the widths at which people draw, each with all others.

    Of each person and each group of images the middle width counts, since masks of one thing are no samples of their
    own. How far two people lie apart is the middle of all differences between a width of one and a width of the
    other (Hodges and Lehmann 1963, doi 10.1214/aoms/1177704172), with the interval that belongs to it, and whether
    chance would give that is told by ranks (Mann and Whitney 1947, doi 10.1214/aoms/1177730491): masks that are wrong
    altogether hardly move either. The more people, the more must a difference be, for chance tries as often.

    Args:
        widths: by how many pixels each annotation is drawn wider than what is seen, see `drawn_wider`.
        names: who drew it.
        groups: what its image belongs to.
        micrometres: the size of a pixel, for words.
    """
    found: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in names}
    for width, name, group in zip(widths, names, groups, strict=True):
        if width is not None:
            found[name][group].append(width)
    middles = {name: np.array([np.median(each) for each in of.values()]) for name, of in found.items()}
    units = sum(map(len, middles.values()))
    enough = [name for name, own in middles.items() if FEWEST <= len(own) <= units - FEWEST]
    alarms = ALARMS / max(1, len(enough) if len(middles) > 2 else 1)
    hands = [_hand(name, middles, list(names).count(name), alarms) for name in enough]
    hands.sort(key=lambda hand: -hand.wider)
    few = tuple(sorted(set(names) - set(enough)))
    return Handwriting(tuple(hands if len(middles) > 2 else hands[:1]), few, micrometres)


def _hand(name: str, middles: Mapping[str, np.ndarray], masks: int, alarms: float) -> Hand:
    from scipy.stats import mannwhitneyu

    others = sorted(set(middles) - {name})
    own, theirs = middles[name], np.concatenate([middles[other] for other in others])
    differences = np.sort(np.subtract.outer(own, theirs).ravel())
    pairs = len(differences)
    end = max(1, int(pairs / 2 - SURE * np.sqrt(pairs * (len(own) + len(theirs) + 1) / 12)))
    ends = float(differences[end - 1]), float(differences[pairs - end])
    systematic = bool(mannwhitneyu(own, theirs).pvalue < alarms)
    return Hand(name, tuple(others), masks, float(np.median(differences)), ends, systematic)
