"""How far outlines, and measures of them, are off, on frames whose truth is known.

Frames that took no part in a training tell it honestly, but are often of two or three movies or wells, and some
measures hang on what differs from movie to movie, as circularity does on how ragged outlines are. So objects that were
learned from tell it, too; if measures of held-out objects are farther off, theirs are taken for as far off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from morula.judging.effort import PIXELS, frames_segmented, objects_measured, pixels_measured, work
from morula.measures.bodies import Body, cut_out, region
from morula.measures.columns import Layout
from morula.measures.intervals import (
    CERTAIN,
    DRAWS,
    LEVEL,
    NORMAL,
    ROOM,
    USUAL,
    Calibration,
    departure,
    spread,
)
from morula.measures.plausible import OutlineErrors, UnsureBody, signed_depth
from morula.models.model import Model
from morula.objects.labels import connected_objects
from morula.objects.overlaps import Overlaps
from morula.objects.selection import Objects, ObjectSettings, choose_objects
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.pair import Frame
from morula.pairs.split import Split
from morula.pairs.spread import evenly
from morula.progress import Progress, silent
from morula.segmenting.doubt import mask_and_doubt

PRIOR = 20
"""As if so many objects more had been seen, of which measures are off as they usually are."""

MOST = 10.0
"""Spreads that an interval reaches at most."""

TYPICAL = 80
"""The percentile by which the errors of two kinds of objects are compared: rare ones are of no account in it."""

POINTS = 200
"""On an outline, whose displacements are compared."""

GROUPS = 12
"""Of points with about as much doubt."""

DISTANCES = np.linspace(0.02, 1, 25)
"""Between groups of pairs of points, in diameters of the object."""

REACHES = np.geomspace(0.02, 0.5, 25)
"""That are tried."""

LEAST_STRENGTH, LEAST_DEVIATION = 0.25, 0.1
"""Smaller ones than these would be luck; the deviation is in pixels."""


@dataclass(frozen=True, eq=False)
class KnownBody:
    """An object that a model found, and the true one.

    Attributes:
        found: with the doubt about it.
        truth: the true one.
    """

    found: UnsureBody
    truth: Body

    @property
    def displacements(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """At pixels on the outline found: how much farther out the true one lies, the doubt, and where; in pixels.

        Returns:
            `(points,)`, `(points,)` and `(points, axes)`.
        """
        body, truth = self.found.body, self.truth
        sides = [(start - corner, stop - corner)
                 for (start, stop), corner in zip(body.sides, truth.corner, strict=True)]
        inside = region(truth.inside, sides, beyond=0).astype(bool)
        pixel = float(body.spacing.max())
        on = np.abs(self.found.depth) < pixel
        away = (signed_depth(inside, body.spacing) - self.found.depth)[on]
        return away / pixel, self.found.width[on] / pixel, np.argwhere(on) * body.spacing / body.diameter


def calibrate(
    model: Model, split: Split, reading: MaskReading, learned: int, progress: Progress = silent
) -> Calibration:
    """What can be learned of a model's outlines; nothing without frames that took no part in its training.

    Args:
        model: outlines the frames.
        split: which frames took part in its training, and which did not, with their true masks.
        reading: how these are read.
        learned: pixels that it learned from in all its steps; the more, the more objects are looked at.
        progress: called with objects done, objects in all, and words.
    """
    unseen, seen = objects_measured(learned)
    held_out = list(known_bodies(model, split.validation, reading, unseen)) if unseen else []
    if not held_out:
        return Calibration()
    trained = list(known_bodies(model, split.training, reading, seen))
    return learn(held_out, trained, progress, pixels=pixels_measured(learned))


def learn(
    held_out: Sequence[KnownBody],
    trained: Sequence[KnownBody],
    progress: Progress = silent,
    *,
    pixels: int = PIXELS,
) -> Calibration:
    """How the outlines of known objects err, and how many spreads each measure of them is off.

    Args:
        held_out: objects of frames that took no part in the training, at least one.
        trained: objects of frames that did.
        progress: as of `calibrate`.
        pixels: of the boxes around all objects that are measured, at most; of larger objects, fewer are.
    """
    errors = mixed_with_usual(outline_errors(held_out), len(held_out))
    share = min(1, pixels / sum(work(each.found.doubt.shape) for each in (*held_out, *trained)))
    unseen, seen = (evenly(each, max(1, int(share * len(each)))) for each in (held_out, trained))
    honest: dict[str, list[float]] = {}
    flattering: dict[str, list[float]] = {}
    for done, each in enumerate((*unseen, *seen)):
        progress(done, len(unseen) + len(seen), "learning how sure measures are")
        scores = honest if done < len(unseen) else flattering
        for name, score in _scores(each, errors):
            scores.setdefault(name, []).append(score)
    farther = optimism(honest, flattering)
    spreads = {}
    for name in {**honest, **flattering}:
        pooled = [*honest.get(name, ()), *(farther * score for score in flattering.get(name, ()))]
        spreads[name] = interval_ends(np.array(pooled), len(unseen) + len(seen))
    return Calibration(errors=errors, spreads=spreads, objects=len(held_out), trained=len(trained))


def known_bodies(model: Model, frames: Sequence[Frame], reading: MaskReading, most: int) -> Iterator[KnownBody]:
    """About `most` objects that a model finds where the true ones are known, from evenly spread frames and objects.

    Two objects are the same where they share more than half of the pixels of both. Objects beside something that
    nobody annotated are left out.
    """
    size = np.mean([np.prod(frame.pair.image.space, dtype=float) for frame in frames]) if frames else 1
    chosen = evenly(frames, min(most, frames_segmented(float(size))))
    for frame in chosen:
        image = frame.pair.image
        mask, doubt = mask_and_doubt(model, image, frame.index)
        truth = reading.class_numbers(frame.pair.mask.frame(frame.index))
        found, true = _objects(mask), _objects(truth)
        spacing = np.array(image.pixel_size or (1.0,) * len(image.space))
        pixels = model.fitted(image).frame(frame.index)
        bodies = list(cut_out(found, spacing, pixels, room=ROOM))
        truths = list(cut_out(true, spacing, pixels))
        matches = [(bodies[one - 1], truths[other - 1]) for one, other in _same(found.labels, true.labels)]
        clear = [(body, other) for body, other in matches if (region(truth, body.sides, 0) != NOT_ANNOTATED).all()]
        for body, other in evenly(clear, -(-most // len(chosen))):
            yield KnownBody(UnsureBody.of(body, doubt), other)


def outline_errors(known: Sequence[KnownBody]) -> OutlineErrors:
    """How outlines err, from how far those of known objects are displaced.

    The variance of displacements is fitted as a constant and a multiple of the squared doubt; their correlation within
    an object as a constant and a normal curve of the distance. Specks have no outline to speak of: if there is nothing
    else, outlines err as they usually do.
    """
    rng = np.random.default_rng(0)
    points = [some for each in known if len((some := _some(rng, *each.displacements))[0]) > 1]
    if not points:
        return OutlineErrors()
    away, width = (np.concatenate([each[part] for each in points]) for part in (0, 1))
    slope, constant = _variance(away, width)
    pairs = [_pairs(away / np.sqrt(slope * width**2 + constant), places) for away, width, places in points]
    distances, products = (np.concatenate([each[part] for each in pairs]) for part in (0, 1))
    shared, reach = _correlation(distances, products)
    return OutlineErrors(strength=slope**0.5, least=constant**0.5, shared=shared, reach=reach)


def mixed_with_usual(seen: OutlineErrors, objects: int) -> OutlineErrors:
    """How outlines err, if `PRIOR` objects more had been seen that err as outlines usually do."""
    usual, share = OutlineErrors(), objects / (objects + PRIOR)
    return OutlineErrors(**{name: share * getattr(seen, name) + (1 - share) * getattr(usual, name)
                            for name in OutlineErrors.model_fields})


def _scores(known: KnownBody, errors: OutlineErrors) -> Iterator[tuple[str, float]]:
    """For each value of each measure, how many spreads the true one is above."""
    body = known.found.body
    layout = Layout(body.axes, True, tuple(map(str, range(len(body.values)))))
    row, truth = layout.row(body), layout.row(known.truth)
    drawn = [layout.row(plausible) for plausible in known.found.plausible(errors, DRAWS)]
    for measure, names in layout.measures:
        if measure.name in CERTAIN or measure.unit in ("count", "pixel"):
            continue
        for name in names:
            values = np.array([each[name] for each in drawn if each[name] is not None])
            if row[name] is None or truth[name] is None or 2 * len(values) < DRAWS:
                continue
            if wide := spread(measure, row[name], values):
                yield measure.name, float(departure(measure, row[name], truth[name])) / wide


def optimism(held_out: Mapping[str, Sequence[float]], trained: Mapping[str, Sequence[float]]) -> float:
    """How much farther off measures are of held-out objects than of those that were learned from; at least 1.

    The median over the measures, since few objects tell little of a single one.

    Args:
        held_out: for each measure, how many spreads true values were above what was measured.
        trained: the same of objects that were learned from.
    """
    both = [[np.percentile(np.abs(scores[name]), TYPICAL) for scores in (held_out, trained)]
            for name in held_out if name in trained]
    ratios = [other / own for other, own in both if own]
    return max(1.0, float(np.median(ratios))) if ratios else 1.0


def interval_ends(scores: np.ndarray, objects: int) -> tuple[float, float]:
    """Between how many spreads nine in ten of the true values lie, 0 included.

    What was seen is mixed with what is usual, as if `PRIOR` objects more had been seen, since tails are rare.

    Args:
        scores: how many spreads true values were above what was measured, `(values,)`.
        objects: of how many objects.
    """
    from scipy.special import ndtr

    grid = np.linspace(-MOST, MOST, 4001)
    seen = np.searchsorted(np.sort(scores), grid, side="right") / len(scores)
    below = (objects * seen + PRIOR * ndtr(grid * NORMAL / USUAL)) / (objects + PRIOR)
    low, high = grid[np.searchsorted(below, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).clip(0, len(grid) - 1)]
    return float(min(low, 0)), float(max(high, 0))


def _same(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """The numbers of objects that are the same, `(pairs, 2)`."""
    shared = Overlaps.count(found, true)
    first, second = shared.pairs.T
    same = 2 * shared.shared > np.maximum(shared.first_sizes[first], shared.second_sizes[second])
    return np.stack([shared.first[first], shared.second[second]], axis=1)[same]


def _objects(mask: np.ndarray) -> Objects:
    labels, classes = connected_objects(mask)
    return choose_objects(labels, np.arange(len(classes)), classes, ObjectSettings(), pixel_volume=1,
                          most_classes=int(classes.max()))


def _some(rng: np.random.Generator, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    chosen = rng.permutation(len(arrays[0]))[:POINTS]
    return tuple(array[chosen] for array in arrays)


def _variance(away: np.ndarray, width: np.ndarray) -> tuple[float, float]:
    """The slope and the constant of the squared displacement over the squared doubt, both at least a little."""
    from scipy.optimize import nnls

    groups = np.array_split(np.argsort(width), min(GROUPS, len(width)))
    squares = np.maximum([(away[group] ** 2).mean() for group in groups], LEAST_DEVIATION**2)
    terms = np.array([((width[group] ** 2).mean(), 1) for group in groups])
    (slope, constant), _ = nnls(terms / squares[:, None], np.ones(len(groups)))
    return max(float(slope), LEAST_STRENGTH**2), max(float(constant), LEAST_DEVIATION**2)


def _pairs(noise: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distances of all pairs of points of one object, and the products of their displacements."""
    from scipy.spatial.distance import pdist

    first, second = np.triu_indices(len(noise), 1)
    return pdist(places), noise[first] * noise[second]


def _correlation(distances: np.ndarray, products: np.ndarray) -> tuple[float, float]:
    """The part of the variance that is shared by a whole object, and how far the rest goes together."""
    groups = np.digitize(distances, DISTANCES)
    filled = np.unique(groups)
    covariance = np.array([products[groups == group].mean() for group in filled])
    middle = np.array([distances[groups == group].mean() for group in filled])
    fits = []
    for reach in REACHES:
        falling = np.exp(-((middle / reach) ** 2) / 2)
        shared = np.clip(((1 - falling) @ (covariance - falling)) / ((1 - falling) @ (1 - falling)), 0, 0.9)
        fits.append((((shared + (1 - shared) * falling - covariance) ** 2).sum(), shared, reach))
    _, shared, reach = min(fits)
    return float(shared), float(reach)
