"""What a model learns about its own masks: from looks at frames whose truth is known.

Held-out frames are few, and most of their masks are good. So they are spoiled in many ways as well: what the signals
say while masks become worse is learned from these, and how far off one usually is, from frames as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtri, stdtrit

from morula.judging.calibration import Reliability
from morula.judging.known_masks import Look
from morula.trust.quality import Quality, familiarity, logistic, nearness, oddness, spread_features, strangeness
from morula.trust.signals import Tally, logit

PLAIN = 0.8
"""What frames as they are count for, in all that is learned from."""
USUAL_SLOPES = np.array([[0.3, 0.35, 0.3, 0, 0.12, 1], [0.1, 0.3, 0.2, 0.5, 0.12, 1]])
"""Slopes of `Quality` that fit several sets of images together; those of a model are sought around them."""
USUAL_LEVEL = np.array([0.5, -0.3])
GIVE, ODD_GIVE, CLASS_GIVE, LEVEL_GIVE = 0.15, 1.0, 0.3, 2.0
"""How far single sets lie from these, as standard deviations: their slopes, that of oddness, their classes,
their levels."""
NOISE = 0.1
"""Variance of an IoU around what is expected, as a part of that of a coin that falls as often."""
GROUPS = 3
"""From so many groups on, fits are judged by whole groups that they did not see."""
UNEVEN = 0.15
"""Differences of appearance this small make no difference."""
SPREAD = np.array([-0.5, 0.7, 0.3])
"""What spreads usually follow from, see `spread_features`."""
SURE = 0.7
"""A low end of an interval above which nobody need be warned, however good masks usually are."""
POOR, WORSE = 0.65, 0.1
"""An expected IoU below which everybody should be warned, if it is also so much less than the usual one."""
SELDOM, FEW_FRAMES, ALIKE = 1.75, 3.0, 0.15
"""A limit is so many deviations from the mean of what is usual, which one frame of 25 passes, and further where few are
known: this many by their number. Deviations are taken for at least as large as the last."""


@dataclass(frozen=True)
class Judgement:
    """What a model has learned about its own masks, and how that came.

    Attributes:
        quality: for its file; None where there was nothing to learn from.
        record: in plain numbers, for its record.
    """

    quality: Quality | None
    record: dict[str, Any]


class Known:
    """What frames or masks look like that a model knows, and how far others are from them.

    Attributes:
        features: of each, `(frames, features)`.
        scale: the difference that counts as one, of each feature.
    """

    def __init__(self, looks: Sequence[Look], seen: Callable[[Tally], np.ndarray]):
        """Known by what is `seen` of each tally: the appearance of a frame, or the form of a mask."""
        self._seen = seen
        self.features = np.array([seen(look.tally) for look in looks])
        self.scale = np.sqrt(self.features.var(0) + UNEVEN**2 * max(1.0, 8 / len(looks)))
        self._frames = np.array([look.frame for look in looks])
        self._groups = np.array([look.group for look in looks])
        self._trained = np.array([look.trained for look in looks])

    def distance(self, look: Look, *, to_trained: bool = False) -> float:
        """How far one is from those of other groups; from other frames, where there is but one group."""
        others = self._groups != look.group
        if not others.any():
            others = self._frames != look.frame
        if to_trained and (others & self._trained).any():
            others &= self._trained
        return nearness(self._seen(look.tally), self.features[others], self.scale)

    def usual(self, plain: Sequence[Look]) -> float:
        """The distance that is usual of frames of the kind."""
        return float(np.exp(max(each.mean() for each in self._distances(plain))))

    def farthest(self, plain: Sequence[Look]) -> float:
        """A distance that few of the kind exceed, neither among themselves nor held out from those learned from."""
        return float(np.exp(max(_limit(each) for each in self._distances(plain))))

    def _distances(self, plain: Sequence[Look]) -> list[np.ndarray]:
        """The logarithms of the distances of frames among themselves, and of held-out ones from those learned from."""
        among = [self.distance(look) for look in plain]
        held_out = [self.distance(look, to_trained=True) for look in plain if not look.trained]
        return [np.log(np.clip(each, 0.01, None)) for each in (among, held_out) if each]


@dataclass(frozen=True)
class Cases:
    """Masks of single classes, of which the truth is known: arrays of the same length.

    Attributes:
        evidence: signals, `(cases, signals)`.
        distance: of the frame from those that are known.
        number: of the class, from 0.
        iou: the true one.
        look: which look it is from.
        unit: the number of the frame that was made of, or of its group where there are some: what is left out at once.
        plain: whether the frame is as it was.
        odd: how odd the form of the mask is, see `oddness`.
        strange: what a strange frame takes from the logit of the IoU, see `strangeness`.
    """

    evidence: np.ndarray
    distance: np.ndarray
    number: np.ndarray
    iou: np.ndarray
    look: np.ndarray
    unit: np.ndarray
    plain: np.ndarray
    odd: np.ndarray
    strange: np.ndarray

    @classmethod
    def of(cls, looks: Sequence[Look], temperature: float, known: Known, forms: Known, plain: Sequence[Look]) -> Cases:
        """All cases of some looks, compared with what is usual of frames as they are."""
        usual, form_usual = known.usual(plain), forms.usual(plain)
        groups = sorted({look.group for look in looks})
        by_group = len(groups) >= GROUPS
        rows = [(signals, known.distance(look), number, iou, place,
                 groups.index(look.group) if by_group else look.frame, not look.kind,
                 oddness(forms.distance(look), form_usual), strangeness(known.distance(look), usual))
                for place, look in enumerate(looks)
                for number, (signals, iou) in enumerate(zip(look.tally.signals(temperature), look.ious, strict=True))
                if np.isfinite(iou)]
        return cls(*map(np.array, zip(*rows, strict=True)))

    @property
    def weights(self) -> np.ndarray:
        """What each counts for, one in the mean of those that are as they were."""
        plain, spoiled = np.count_nonzero(self.plain), np.count_nonzero(~self.plain)
        return np.where(self.plain, 1.0, (1 - PLAIN) / PLAIN * plain / max(spoiled, 1))

    def without(self, units: np.ndarray) -> Cases:
        """All but those of these units."""
        kept = ~np.isin(self.unit, units)
        return replace(self, **{name: array[kept] for name, array in vars(self).items()})


def learn_quality(looks: Sequence[Look], own: Sequence[Look] = ()) -> Judgement:
    """What follows from looks whose truth is known.

    Args:
        looks: at frames that are held out, or spoiled where there are too few of these, and others that are known.
        own: where other networks had these looks, those of the model itself at frames as they are. What a frame looks
            like depends on what a network makes of it, so that new frames are compared with these.
    """
    fair = {look.frame for look in looks if look.kind or not look.trained}
    judged = [look for look in looks if look.frame in fair and np.isfinite(look.ious).any()]
    plain = [look for look in looks if not look.kind]
    if not any(not look.kind for look in judged):
        return Judgement(None, {"reason": "in no frame that could be judged is there anything to be found"})
    reliability = Reliability(sum((look.right for look in plain if look.frame in fair), np.zeros(1)))
    temperature = reliability.best_temperature()
    met, known, met_forms, forms = (Known(frames, seen) for seen in (Tally.appearance, Tally.form)
                                    for frames in (plain, own or plain))
    cases = Cases.of(judged, temperature, met, met_forms, plain)
    several = int(np.isfinite(cases.evidence).all())
    classes = len(looks[0].ious)
    slopes, levels = map(np.array, zip(*(_fit(cases, views, classes) for views in (0, 1)), strict=True))
    expected = _left_out(cases, several, classes)
    spread = _spread(cases, expected)
    means = _means(cases, expected)
    few = _caution(len({look.group for look in judged if not look.kind}))
    reach = few * np.array([_reach(*means, spread),
                            _reach(expected, cases.iou, cases.distance, cases.plain, spread)])
    mean, true, away, is_plain = means
    lows = mean - reach[0, 0] * _width(mean, away, spread)
    quality = Quality(
        temperature=temperature,
        slopes=slopes,
        levels=levels,
        spread=spread,
        reach=reach,
        known=known.features,
        scale=known.scale,
        usual=known.usual(own or plain),
        farthest=known.farthest(own or plain),
        forms=forms.features,
        form_scale=forms.scale,
        form_usual=forms.usual(own or plain),
        lowest=min(SURE, float(logistic(np.array(-_limit(-logit(lows[is_plain].clip(0, 1))))))),
        absent=np.mean([look.lacking for look in plain], axis=0),
        surest=float(expected[cases.plain].max()),
        poorest=min(POOR, float(true[is_plain].mean()) - WORSE),
    )
    inside = (lows <= true) & (true <= mean + reach[0, 1] * _width(mean, away, spread))
    return Judgement(quality, {
        "frames": len({look.frame for look in judged}),
        "learned_from": sorted({look.frame for look in judged if look.trained}),
        "spoiled": int(np.count_nonzero(~is_plain)),
        "temperature": temperature,
        "calibration_error": [reliability.error(), reliability.error(temperature)],
        "reliability": [reliability.curve(), reliability.curve(temperature)],
        "mean_error": float(np.abs(mean - true)[is_plain].mean()),
        "covered": float(inside[is_plain].mean()),
        "estimates": [[round(float(value), 4) for value in row] for row in zip(mean, true, is_plain, strict=True)],
    })


def _columns(cases: Cases, views: int, classes: int) -> np.ndarray:
    """What an IoU depends on: signals, familiarity, oddness, a level, the class, `(cases, signals + 3 + classes)`."""
    evidence = cases.evidence.copy()
    if not views:
        evidence[:, -1] = 0
    return np.column_stack([np.nan_to_num(evidence), familiarity(cases.distance), cases.odd, np.ones(len(cases.iou)),
                            np.eye(classes)[cases.number]])


def _fit(cases: Cases, views: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and levels: a logistic regression on shares (Papke & Wooldridge, J. Appl. Econometrics 11, 619, 1996),
    sought around the usual slopes, of which none becomes negative."""
    columns, weights = _columns(cases, views, classes), cases.weights / NOISE
    usual = np.concatenate([USUAL_SLOPES[views], [USUAL_LEVEL[views]], np.zeros(classes)])
    give = np.concatenate([np.full(len(USUAL_SLOPES[views]) - 1, GIVE), [ODD_GIVE, LEVEL_GIVE],
                           np.full(classes, CLASS_GIVE)])

    def surprise(values: np.ndarray) -> tuple[float, np.ndarray]:
        sums, away = columns @ values + cases.strange, (values - usual) / give
        share = logistic(sums)
        loss = weights @ (np.logaddexp(0, sums) - cases.iou * sums) + away @ away / 2
        return float(loss), columns.T @ (weights * (share - cases.iou)) + away / give

    slopes = len(USUAL_SLOPES[views])
    bounds = [(0, None)] * slopes + [(None, None)] * (1 + classes)
    found = minimize(surprise, usual, jac=True, bounds=bounds, method="L-BFGS-B").x
    return found[:slopes], found[slopes] + found[slopes + 1 :]


def _left_out(cases: Cases, views: int, classes: int, parts: int = 8) -> np.ndarray:
    """What is expected of each case by a fit that has not seen its unit, `(cases,)`."""
    expected = np.zeros(len(cases.iou))
    for units in np.array_split(np.unique(cases.unit), parts):
        here = np.isin(cases.unit, units)
        if here.any():
            rest = cases if here.all() else cases.without(units)
            slopes, levels = _fit(rest, views, classes)
            sums = _columns(cases, views, classes) @ np.concatenate([slopes, [0], levels])
            expected[here] = logistic(sums + cases.strange)[here]
    return expected


def _means(cases: Cases, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each look the mean over its classes of what is expected and what is true; its distance; if it is plain."""
    _, first, which, count = np.unique(cases.look, return_index=True, return_inverse=True, return_counts=True)
    mean, true = (np.bincount(which, values) / count for values in (expected, cases.iou))
    return mean, true, cases.distance[first], cases.plain[first]


def _width(expected: np.ndarray, distance: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.exp(spread_features(expected, distance) @ spread)


def _spread(cases: Cases, expected: np.ndarray) -> np.ndarray:
    """What the logarithm of the error follows from, sought around what is usual."""
    features = spread_features(expected, cases.distance)
    error = np.log(np.abs(expected - cases.iou) + 0.003)
    weights = cases.weights
    precision = np.diag([0.1, 20.0, 20.0])
    found = np.linalg.solve((features * weights[:, None]).T @ features + precision,
                            features.T @ (weights * error) + precision @ SPREAD)
    return np.array([found[0], *found[1:].clip(0)])


def _reach(
    expected: np.ndarray, true: np.ndarray, distance: np.ndarray, plain: np.ndarray, spread: np.ndarray
) -> tuple[float, float]:
    """How many spreads down and up nine of ten true values are."""
    width = _width(expected, distance, spread)
    weights = np.where(plain, 1.0, (1 - PLAIN) / PLAIN * np.count_nonzero(plain) / max(np.count_nonzero(~plain), 1))
    down, up = (_quantile(sign * (expected - true) / width, weights, 0.95) for sign in (1, -1))
    return max(down, 0.1), max(up, 0.1)


def _caution(groups: int) -> float:
    """How much wider intervals are where few groups tell, since frames of one are alike: as Student's t has it."""
    return float(stdtrit(groups, 0.95) / ndtri(0.95))


def _quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(np.interp(share, (sums - weights[order] / 2) / sums[-1], values[order]))


def _limit(usual: np.ndarray) -> float:
    """A number that few of a kind exceed, as if they were normal; further off where few are known."""
    return float(usual.mean() + (SELDOM + FEW_FRAMES / len(usual)) * max(usual.std(), ALIKE))
