"""How good masks of new groups will probably be, told from groups that took no part in a training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from morula.cards import Card, Shown
from morula.scores.compare import ClassScores, ImageScores, summarise

DRAWS = 10_000
"""Of a bootstrap."""
LEVEL = 0.95
"""So sure an interval is meant to be."""


@dataclass(frozen=True)
class Interval:
    """A mean with the ends of its interval; without, where a single value tells nothing about the spread."""

    mean: float
    ends: tuple[float, float] | None

    def __str__(self) -> str:
        return f"{self.mean:.3f}" + (" ({:.3f} to {:.3f})".format(*self.ends) if self.ends else "")


def bootstrap_mean(values: Sequence[float | None], seed: int = 0) -> Interval | None:
    """The mean of scores between 0 and 1, and its interval, so sure as `LEVEL` says; None without any value.

    Percentiles of the means of resampled values are too close together where values are few: by n - 1 in place of n,
    and by the normal in place of Student's distribution (Hesterberg 2015, What teachers should know about the
    bootstrap, The American Statistician 69:371). So they are moved apart by both.
    """
    from scipy.special import ndtri, stdtrit

    known = np.array([value for value in values if value is not None], float)
    count = len(known)
    if not count:
        return None
    mean = float(known.mean())
    if count == 1:
        return Interval(mean, None)
    means = np.random.default_rng(seed).choice(known, (DRAWS, count)).mean(axis=1)
    ends = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    at = (1 + LEVEL) / 2
    apart = np.sqrt(count / (count - 1)) * stdtrit(count - 1, at) / ndtri(at)
    low, high = np.clip(mean + apart * (ends - mean), 0, 1)
    return Interval(mean, (float(low), float(high)))


@dataclass(frozen=True)
class GroupScores:
    """The scores of a group that took no part in a training.

    Attributes:
        name: of the group.
        fold: the number of the part it was in, from 1.
        frames: how many frames were scored.
        classes: the scores of each class, background first, as means over the frames where it occurs.
    """

    name: str
    fold: int
    frames: int
    classes: tuple[ClassScores, ...]

    @classmethod
    def of(cls, name: str, fold: int, images: Sequence[ImageScores]) -> GroupScores:
        """The scores of a group from those of its frames, at least one."""
        return cls(name, fold, len(images), summarise(images).classes)

    def foreground(self, score: str) -> float | None:
        """The mean over the classes without background of `iou` or `dice`."""
        values = [value for each in self.classes[1:] if (value := getattr(each, score)) is not None]
        return float(np.mean(values)) if values else None


@dataclass(frozen=True, repr=False)
class Estimate(Shown):
    """What masks of new groups are probably worth: every group counts alike, however many frames it has.

    Attributes:
        sentence: how it was found.
        folds: into how many parts the groups were dealt.
        groups: the scores of each group, by networks that had not seen it.
        names: of the classes, background first.
    """

    sentence: str
    folds: int
    groups: tuple[GroupScores, ...]
    names: tuple[str, ...]

    def foreground(self, score: str) -> Interval | None:
        """The mean of `iou` or `dice` over the classes without background."""
        return bootstrap_mean([group.foreground(score) for group in self.groups])

    def of_class(self, number: int, score: str) -> Interval | None:
        """The mean of `iou` or `dice` of a class."""
        return bootstrap_mean([getattr(group.classes[number], score) for group in self.groups])

    @property
    def worst_first(self) -> tuple[GroupScores, ...]:
        """The groups by rising foreground IoU; those rightly without any foreground come last."""
        def rank(group: GroupScores) -> tuple[float, str]:
            value = group.foreground("iou")
            return 1.0 if value is None else value, group.name

        return tuple(sorted(self.groups, key=rank))

    @property
    def card(self) -> Card:
        return Card("Estimate", ((label.removeprefix("estimate, "), value) for label, value in self.rows))

    @property
    def rows(self) -> Iterator[tuple[str, str]]:
        """What to say about it, as label and value."""
        yield "estimate", self.sentence
        sure = f", the {100 * LEVEL:.0f} % interval over groups" if len(self.groups) > 1 else ""
        for label, score in (("foreground IoU", "iou"), ("foreground Dice", "dice")):
            yield f"estimate, {label}", f"{self.foreground(score) or '–'}{sure}"
        if len(self.names) > 2:
            for number, name in list(enumerate(self.names))[1:]:
                overlaps = (self.of_class(number, score) or "–" for score in ("iou", "dice"))
                yield f"estimate, {name}", "IoU {}, Dice {}".format(*overlaps)
        worst = self.worst_first[0]
        if len(self.groups) > 1 and (iou := worst.foreground("iou")) is not None:
            yield "estimate, worst group", f"{worst.name}, foreground IoU {iou:.3f}"

    def record(self) -> dict[str, Any]:
        """Plain data for JSON: the scores of all groups, and the means with their intervals."""
        means = {score: self.foreground(score) for score in ("iou", "dice")}
        return {
            "sentence": self.sentence,
            "folds": self.folds,
            "groups": [asdict(group) for group in self.groups],
            "names": list(self.names),
            **{f"foreground_{score}": asdict(mean) if mean else None for score, mean in means.items()},
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Estimate:
        """What `record` gave."""
        groups = tuple(
            GroupScores(**{**group, "classes": tuple(ClassScores(**scores) for scores in group["classes"])})
            for group in record["groups"]
        )
        return cls(record["sentence"], record["folds"], groups, tuple(record["names"]))
