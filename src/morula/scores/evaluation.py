"""Two sets of mask files compared: paired by name, each read in its own way, scored frame by frame.

What cannot be compared becomes a finding and the rest goes on, so that one damaged file among thousands
does not cost the scores of all others; but a true mask without a score is never passed over in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from morula.cards import Card, Shown
from morula.checks.findings import Finding, join_findings
from morula.checks.looks import unfinished
from morula.errors import DataError, FileError, RequestError
from morula.exchange.collection import Annotations
from morula.objects.labels import connected_objects, numbered_objects
from morula.pairs.masks import MaskReading
from morula.pairs.pairing import BYPRODUCT_ADVICE, Matching, nothing_fits, pair_files
from morula.pairs.stored_values import carried, distinct_values
from morula.pairs.told_masks import as_wanted, in_words, told_classes, told_numbers, told_reading
from morula.progress import Progress, silent
from morula.scores.annotators import between_annotators
from morula.scores.chosen_classes import ChosenClasses
from morula.scores.compare import ImageScores, Scores, compare_masks, summarise
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.mask_pairs import ComparedFrame, MaskPair, read_pairs
from morula.scores.matching import ObjectScores, match_classes
from morula.scores.novelty import Seen, novelty_in_words, scores_of_new
from morula.scores.readings import Readings
from morula.scores.track_scores import TrackScores, score_tracks
from morula.tracks.challenge import read_tracked


@dataclass(frozen=True, repr=False)
class Evaluation(Shown):
    """How well predicted masks agree with the truth.

    Attributes:
        scores: of all frames that could be compared, and of each; of none where only tracks can be scored.
        frames: those frames, in the order of `scores.images`.
        predicted_reading: what the values in the predicted masks were taken to mean.
        truth_reading: the same of the true masks.
        rule: how the files were paired.
        missing: true masks without a score; of annotators, not those that only one of them drew.
        findings: what could not be compared and why.
        object_scores: how many objects were found in each frame, in the order of `frames`, where that was asked for.
        tracks: how well objects were followed, where that was asked for.
        annotators: both sides are people, and neither is the truth.
        numbered: whether the values of the true and of the predicted masks number objects.
        seen: what the model knows each of `frames` from; None where nobody knows, and empty where nobody asked.
    """

    scores: Scores
    frames: tuple[ComparedFrame, ...]
    predicted_reading: MaskReading
    truth_reading: MaskReading
    rule: str
    missing: tuple[Path, ...]
    findings: tuple[Finding, ...]
    object_scores: tuple[ObjectScores, ...] = ()
    tracks: TrackScores | None = None
    annotators: bool = False
    numbered: tuple[bool, bool] = (False, False)
    seen: tuple[Seen | None, ...] = ()

    @property
    def novelty(self) -> str:
        """How many of the images the model learned from, and what that means; empty where it saw none of them."""
        return novelty_in_words(self.scores, self.seen) if self.seen else ""

    @property
    def of_new(self) -> Scores | None:
        """The scores of the images that are new to the model, where others are none."""
        return scores_of_new(self.scores, self.seen) if self.novelty else None

    @property
    def card(self) -> Card:
        score = self.scores.foreground_iou
        counted = [("objects", f"panoptic quality {self.objects.panoptic_quality or 0:.4f}")] if self.objects else []
        rows = [("frames", str(len(self.frames))), ("foreground IoU", "–" if score is None else f"{score:.4f}"),
                *counted, *(row for row in self.rows if row[1] != self.novelty),
                *((finding.severity, str(finding)) for finding in self.findings)]
        return Card("Evaluation", rows, self.novelty)

    @property
    def objects(self) -> ObjectScores | None:
        """How many objects were found in all frames together, where that was asked for."""
        return ObjectScores.pool(self.object_scores) if self.object_scores else None

    @property
    def failed(self) -> bool:
        """Whether a true mask went without a score."""
        return bool(self.missing)

    def told_apart(self, frame: ComparedFrame) -> tuple[np.ndarray, np.ndarray] | None:
        """Whole numbers that differ from object to object of the true and of the predicted mask, `(*space)` each.

        They are 0 where there is none. None where objects that touch are of no interest: nobody counted them, and the
        masks of one side at least do not number any; or there are several classes, which part them already.
        """
        if len(self.scores.names) > 2 or not (self.object_scores or all(self.numbered)):
            return None
        masks = frame.class_numbers(self.truth_reading, self.predicted_reading)
        sides = (frame.truth, self.truth_reading), (frame.predicted, self.predicted_reading)
        true, predicted = (
            np.where(mask == 1, _places(stored.frame(frame.index), reading) if numbers else mask, 0)
            for (stored, reading), mask, numbers in zip(sides, masks, self.numbered, strict=True)
        )
        return true, predicted

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """How the masks were paired and read, as label and value."""
        if self.annotators:
            return (
                ("paired by", self.rule),
                ("first annotator", self.predicted_reading.sentence),
                ("second annotator", self.truth_reading.sentence),
            )
        return (
            *([("learned from", self.novelty)] if self.novelty else []),
            ("paired by", self.rule),
            ("true masks read as", self.truth_reading.sentence),
            ("predicted masks read as", self.predicted_reading.sentence),
        )

    def record(self) -> dict[str, Any]:
        """Plain data for JSON: the scores, and what is missing from them."""
        record = self.scores.record()
        if self.objects:
            record["objects"] = self.objects.record()
            for image, scores in zip(record["images"], self.object_scores, strict=True):
                image["objects"] = scores.record()
        for image, seen in zip(record["images"], self.seen, strict=False):
            image["seen"] = seen
        if fresh := self.of_new:
            record["new_images"] = {name: value for name, value in fresh.record().items() if name != "images"}
        if self.tracks:
            record["tracks"] = self.tracks.record()
        return {
            **record,
            "missing": [str(path) for path in self.missing],
            "findings": [str(finding) for finding in self.findings],
            **{label.replace(" ", "_"): value for label, value in self.rows},
        }


def evaluate_files(
    predicted: Sequence[Path],
    truth: Sequence[Path],
    settings: ComparisonSettings,
    progress: Progress = silent,
    *,
    usual: Sequence[str] | None = None,
    drawn: Annotations | None = None,
) -> Evaluation:
    """Score predicted masks against the true masks of the same names.

    Args:
        predicted: their files.
        truth: what stands for the true ones.
        settings: how masks are read.
        progress: called with what is done, what there is to do, and words.
        usual: as for `evaluate_pairs`. Where true masks were drawn by name, these are the names, in order.
        drawn: what holds the true masks, if they were drawn in another program.

    Raises:
        RequestError: no names fit each other, or masks cannot be read as the settings say.
        DataError: the masks of one side cannot be understood, or not one pair can be compared.
    """
    matching = pair_files(predicted, truth)
    if not matching.pairs:
        raise RequestError(nothing_fits(predicted, truth, ("predicted masks", "true masks")))
    drawn = as_wanted(drawn, settings.read_truth_as, settings.class_names or usual)
    pairs, failures = read_pairs(matching, settings, progress, drawn)
    if not pairs:
        raise DataError([str(error) for error in failures.values()])
    evaluation = evaluate_pairs(pairs, settings, matching.rule, progress, usual=usual)
    missing, findings = _left_out(matching, truth, failures)
    findings += evaluation.findings
    if settings.annotators:
        missing = tuple(path for path in missing if path not in matching.masks_without_image)
        findings = between_annotators(findings)
    tracks = _score_tracks(predicted[0].parent, truth[0].parent, settings, progress) if settings.tracks else None
    return replace(evaluation, missing=missing, findings=join_findings(findings), tracks=tracks)


def evaluate_pairs(
    pairs: Sequence[MaskPair], settings: ComparisonSettings, rule: str, progress: Progress = silent, *,
    usual: Sequence[str] | None = None,
) -> Evaluation:
    """Score predicted masks against the true ones beside them, frame by frame.

    Args:
        pairs: at least one.
        settings: how masks are read.
        rule: how they were paired.
        progress: called with what is done, what there is to do, and words.
        usual: what the classes are called where the settings do not say it, background left out.

    Raises:
        RequestError: masks cannot be read as the settings say, or hold other classes than these name.
        DataError: the masks of one side cannot be understood.
    """
    truth = [pair.truth for pair in pairs]
    read_truth_as, not_annotated = told_reading(truth, settings.read_truth_as, settings.not_annotated)
    read_as, _ = told_reading([pair.predicted for pair in pairs], settings.read_predicted_as, None)
    settings = settings.model_copy(update={"read_truth_as": read_truth_as, "read_predicted_as": read_as,
                                           "not_annotated": not_annotated})
    names = told_classes(truth)
    usual = usual or names or None
    readings = Readings.of([census for pair in pairs for census in pair.truth_censuses],
                           [census for pair in pairs for census in pair.predicted_censuses], settings)
    if len(names) > 1:
        readings = replace(readings, truth=replace(readings.truth, sentence=in_words(names)))
    chosen = ChosenClasses.of(readings.classes, settings, usual)
    readings, classes = chosen.applied(readings), len(chosen.names)
    frames: list[ComparedFrame] = []
    scores: list[ImageScores] = []
    object_scores: list[ObjectScores] = []
    for done, pair in enumerate(pairs):
        progress(len(pairs) + done, 2 * len(pairs), "comparing masks")
        for frame in pair.frames:
            masks = frame.class_numbers(readings.truth, readings.predicted)
            scores.append(compare_masks(*masks, classes, name=frame.name, pixel_size=pair.pixel_size))
            frames.append(frame)
            if settings.objects or settings.tracks:
                object_scores.append(_match_objects(frame, masks, readings, classes))
    return Evaluation(summarise(scores, chosen.names), tuple(frames), readings.predicted, readings.truth, rule, (),
                      (*_unfinished(pairs), *readings.doubts), tuple(object_scores), None, settings.annotators,
                      readings.numbered)


def _unfinished(pairs: Sequence[MaskPair]) -> list[Finding]:
    """What is missing in files that were stopped early, and what was drawn and did not fit."""
    return [finding for pair in pairs for mask in (pair.truth, pair.predicted) for finding in unfinished(mask)]


def _match_objects(
    frame: ComparedFrame, masks: tuple[np.ndarray, np.ndarray], readings: Readings, classes: int
) -> ObjectScores:
    images = frame.truth, frame.predicted
    labels = []
    for image, mask, are_numbers in zip(images, masks, readings.numbered, strict=True):
        try:
            told = told_numbers(image, frame.index)
            if told is not None:
                labels.append(told)
            else:
                stored = image.frame(frame.index)
                labels.append(numbered_objects(stored) if are_numbers else connected_objects(mask)[0])
        except ValueError as error:
            raise RequestError(f"{frame.name}: {error}. Leave out --objects, or say how the masks are read.") from error
    return match_classes((labels[0], labels[1]), masks, classes)


def _places(stored: np.ndarray, reading: MaskReading) -> np.ndarray:
    """The place, from 1, of the value at each pixel among all of a mask, `(*space)`."""
    return distinct_values(carried(stored, reading.carrier))[1] + 1


def _score_tracks(predicted: Path, truth: Path, settings: ComparisonSettings, progress: Progress) -> TrackScores:
    true, tracked = (read_tracked(folder, axes=settings.axes) for folder in (truth, predicted))
    return score_tracks(true, tracked, progress)


def _left_out(
    matching: Matching, truth: Sequence[Path], failures: dict[Path, FileError]
) -> tuple[tuple[Path, ...], list[Finding]]:
    """True masks without a score, and the findings that say why."""
    findings = []
    for error in failures.values():
        problem, _, advice = str(error).partition(". ")
        findings.append(Finding("error", "", problem, advice))
    torn = {path for files in matching.ambiguous for path in files}
    absent, unclear = matching.masks_without_image, tuple(path for path in truth if path in torn)
    for paths, problem, advice in (
        (absent, "no predicted mask has this name", "Segment its image too, and evaluate again."),
        (unclear, "more than one predicted mask fits this name", "Move all but one away."),
    ):
        findings += [Finding("error", str(path), problem, advice) for path in paths]
    if matching.set_aside:
        findings.append(Finding("note", str(matching.set_aside[0]), "set aside, as all of its kind", BYPRODUCT_ADVICE))
    for path in matching.images_without_mask:
        findings.append(Finding("note", str(path), "no true mask has this name", "It does not count."))
    return (*failures, *absent, *unclear), findings
