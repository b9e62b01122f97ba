"""How probable it is that an annotation is wrong, and in which way: learned from mistakes that were made on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

PARTS = 5
"""An annotation is judged by what was learned from those of the other parts."""
TREES = 100
LEAF = 2
"""Annotations that a branch of a tree ends with, at least."""
SHARE_OF_NUMBERS = 0.6
"""Of the numbers that tell an annotation, so many are tried for each branch of a tree."""
LISTED = 0.3
"""Annotations are listed of which one in about three is wrong, or more."""
SUREST = 0.98
"""No more is believed of a forest."""
PLAIN = 0.3
"""At first, an annotation is taken for wrong that looks more so than this share of the mistakes."""
ROUNDS = 60
SUPPOSED = (1, 10)
"""So many of so many other annotations are supposed to have been wrong, lest nothing be found where hardly any are."""


@dataclass(frozen=True)
class Suspicion:
    """What is thought of all annotations of a set.

    Attributes:
        wrong: how probably each is wrong, `(annotations,)`.
        kinds: how probably each mistake is what is wrong, if anything is, `(annotations, kinds)`.
        found: which of the mistakes made on purpose would have been listed, bool `(mistakes,)`.
    """

    wrong: np.ndarray
    kinds: np.ndarray
    found: np.ndarray


def suspect(bearings: np.ndarray, mistaken: np.ndarray, kinds: np.ndarray, frames: np.ndarray) -> Suspicion:
    """Compare annotations as they are with some that were spoiled on purpose.

    A forest of random trees (Geurts, Ernst and Wehenkel 2006, doi 10.1007/s10994-006-6226-1) learns to tell them apart
    from all frames but those of one part, and judges that part. That some annotations are wrong as they are does little
    harm, since far more were spoiled.

    Args:
        bearings: of the annotations as they are, `(annotations, numbers)`.
        mistaken: of spoiled ones, `(mistakes, numbers)`.
        kinds: what was done to each of these, counted from 0, `(mistakes,)`.
        frames: the place of the annotation that each was made from, `(mistakes,)`.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    part = np.random.default_rng(0).permutation(len(bearings)) % PARTS
    told, told_of_mistakes = (np.zeros((len(rows), kinds.max() + 2)) for rows in (bearings, mistaken))
    for number in range(PARTS):
        known, theirs = part != number, part[frames] != number
        labels = np.concatenate([np.zeros(known.sum(), int), 1 + kinds[theirs]])
        forest = ExtraTreesClassifier(TREES, min_samples_leaf=LEAF, random_state=0)
        forest.set_params(max_features=SHARE_OF_NUMBERS)
        forest.fit(np.concatenate([bearings[known], mistaken[theirs]]), labels, _evenly(labels))
        for rows, judged, out in ((bearings, ~known, told), (mistaken, ~theirs, told_of_mistakes)):
            if judged.any():
                out[np.ix_(judged, forest.classes_)] = forest.predict_proba(rows[judged])
    probable = _probable(told[:, 0], told_of_mistakes[:, 0], _evenly(1 + kinds))
    of_kinds = told[:, 1:] / np.maximum(told[:, 1:].sum(1, keepdims=True), 1e-6)
    return Suspicion(probable(told[:, 0]), of_kinds, probable(told_of_mistakes[:, 0]) >= LISTED)


def _evenly(labels: np.ndarray) -> np.ndarray:
    """Weights by which what is right, 0, counts as much as all mistakes together, and each kind of these as much."""
    counts = np.bincount(labels)
    kinds = np.count_nonzero(counts[1:])
    return np.where(labels == 0, 1.0, 1 / max(1, kinds)) / counts[labels]


def _probable(
    right: np.ndarray, right_of_mistakes: np.ndarray, weights: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """How probably annotations are wrong, from how right the forest takes them to be.

    Annotations are a mixture of right ones and of mistakes, which are known. In turns, a logistic curve tells mistakes
    from what is probably right, and the curve and the share of wrong ones tell how probably each is right (expectation
    and maximisation; Saerens, Latinne and Decaestecker 2002, doi 10.1162/089976602753284446, for the share). Mistakes
    that look better than the middle annotation are not to be seen, and do not bend the curve.
    """
    from sklearn.linear_model import LogisticRegression

    signs, of_mistakes = _signs(right), _signs(right_of_mistakes)
    seen = of_mistakes >= np.median(signs)
    if not seen.any():
        return lambda some: np.zeros(len(some))
    of_mistakes, weights = of_mistakes[seen], weights[seen] / weights[seen].sum()
    order = of_mistakes.argsort()
    plain = of_mistakes[order][np.searchsorted(weights[order].cumsum(), PLAIN)]
    both = np.concatenate([signs, of_mistakes])[:, None]
    mistakes = np.repeat([0, 1], [len(signs), len(of_mistakes)])
    curve = LogisticRegression(C=1000)
    wrong, share = np.where(signs >= plain, 0.9, 0.02), 0.0

    def probable(some: np.ndarray, share: float) -> np.ndarray:
        odds = share / (1 - share) * np.exp(curve.decision_function(some[:, None]))
        return odds / (1 + odds)

    for _ in range(ROUNDS):
        counted = np.concatenate([(1 - wrong) / (1 - wrong).sum(), weights])
        curve.fit(both, mistakes, len(both) / 2 * counted)
        share = (wrong.sum() + SUPPOSED[0]) / (len(wrong) + SUPPOSED[1])
        wrong = probable(signs, share)
    return lambda some: probable(_signs(some), share)


def _signs(right: np.ndarray) -> np.ndarray:
    """How much an annotation looks like a mistake: the logarithm of the odds."""
    right = right.clip(1 - SUREST, SUREST)
    return np.log((1 - right) / right)
