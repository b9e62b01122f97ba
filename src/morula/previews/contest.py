"""Whether strokes or a network do better, as far as frames tell that neither had learned from."""

from __future__ import annotations

from itertools import islice

import numpy as np

from morula.errors import MorulaError
from morula.pairs.spread import evenly
from morula.previews.sketching import OTHERS, Place, Sketching, is_large
from morula.projects.models_made import ModelMade
from morula.projects.open_annotations import OpenAnnotations
from morula.projects.project import Project
from morula.scores.compare import compare_masks

HELD = 3
"""Finished frames on which strokes are tried, at most: that takes some seconds, once for each model."""


class Contest:
    """Who shall draw the frames on which somebody made strokes."""

    def __init__(self, project: Project, annotations: OpenAnnotations, sketching: Sketching):
        self._project, self._annotations, self._sketching = project, annotations, sketching
        self._known: tuple[ModelMade, bool] | None = None

    def is_lost(self, made: ModelMade) -> bool:
        """Whether strokes are known to do no better than a model."""
        return self._known == (made, False)

    def strokes_win(self, made: ModelMade) -> bool:
        """Whether strokes on some finished frames tell others better than a model told those that it had not seen.

        Where nobody can know, the network is trusted.
        """
        if self._known is None or self._known[0] != made:
            score = None if made.validation_iou is None else self._score()
            if made.validation_iou is None or score is None:
                return False
            self._known = made, score > made.validation_iou
        return self._known[1]

    def _score(self) -> float | None:
        """The mean foreground IoU of frames that somebody finished, each told by what was drawn on others."""
        notes = {source: self._annotations.notes(source) for source in self._project.sources()
                 if not is_large(self._project, source)}
        finished = [(source, frame) for source, known in notes.items()
                    for frame in sorted(known.finished - known.interpolated)]
        scores = []
        for held in evenly(finished, HELD):
            others = list(islice((each for each in finished if each != held), OTHERS))
            try:
                found = self._sketching.taught(held, others)
            except MorulaError:  # there are no others, or only such of another kind
                continue
            scores.append(self._iou(held, found))
        return float(np.mean(known)) if (known := [score for score in scores if score is not None]) else None

    def _iou(self, place: Place, found: np.ndarray) -> float | None:
        truth = self._annotations.of(place[0]).whole(place[1])
        return compare_masks(truth, found, len(self._project.settings.classes), name=place[0].name,
                             outlines=False).foreground_iou
