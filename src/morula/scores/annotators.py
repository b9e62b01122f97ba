"""How well two people agree, neither of whom is the truth: what a model's score can be read against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from morula.checks.findings import Finding
from morula.scores.compare import Scores

WORDS = {
    "no predicted mask has this name": "the first annotator has no mask of this name",
    "no true mask has this name": "the second annotator has no mask of this name",
    "Segment its image too, and evaluate again.": "It does not count.",
    "true masks": "masks of the second annotator",
    "predicted masks": "masks of the first annotator",
    "true mask": "mask of the second annotator",
    "predicted mask": "mask of the first annotator",
}
"""What is said of prediction and truth, and what of two people instead, one after the other."""


def between_annotators(findings: Iterable[Finding]) -> list[Finding]:
    """The same findings in words that take neither side; what only one of them drew is no error."""
    said = []
    for finding in findings:
        alone = "has this name" in finding.problem
        problem, advice = _reworded(finding.problem), _reworded(finding.advice)
        said.append(replace(finding, severity="note" if alone else finding.severity, problem=problem, advice=advice))
    return said


def agreement_in_words(scores: Scores) -> str:
    """What the agreement of two people means for the score of a model."""
    values = [image.foreground_iou for image in scores.images if image.foreground_iou is not None]
    if not values:
        return "Neither annotator drew anything."
    low, high = np.percentile(values, (25, 75))
    spread = f", in the middle half of the images {low:.3f} to {high:.3f}" if len(values) > 3 else ""
    return (f"Two annotators agree to a foreground IoU of {scores.foreground_iou:.3f}{spread}. A model that comes as "
            "near to either of them draws as a person would; more cannot be told from these masks.")


def _reworded(sentence: str) -> str:
    for before, after in WORDS.items():
        sentence = sentence.replace(before, after)
    return sentence
