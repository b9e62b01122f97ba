"""Two sets of mask files compared: paired by name, each read in its own way, scored frame by frame.

What cannot be compared becomes a finding and the rest goes on, so that one damaged file among thousands
does not cost the scores of all others; but a true mask without a score is never passed over in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from morula.errors import DataError, FileError, RequestError
from morula.images.census import Census, carried, distinct_values
from morula.images.findings import Finding, join_findings
from morula.images.image import Image
from morula.images.masks import MaskReading, ReadAs, decide
from morula.images.matching import Matching, pair_files
from morula.images.read import open_alike
from morula.objects.labels import connected_objects, numbered_objects, numbers_objects
from morula.progress import Progress, silent
from morula.scores.annotators import between_annotators
from morula.scores.compare import ImageScores, Scores, compare_masks, summarise
from morula.scores.matching import ObjectScores, match_classes
from morula.scores.track_scores import TrackScores, score_tracks
from morula.settings import Settings
from morula.tracks.challenge import read_tracked


class ComparisonSettings(Settings):
    """How predicted and true masks are read."""

    read_truth_as: ReadAs = "auto"
    """What the values in the true masks mean."""
    read_predicted_as: ReadAs = "auto"
    """What the values in the predicted masks mean."""
    not_annotated: int | None = None
    """The value of true pixels that nobody annotated; they do not count."""
    objects: bool = False
    """Count how many objects were found, too: those numbered in label images, or the connected pieces of each class."""
    tracks: bool = False
    """Score tracks, too, of label images in the layout of the Cell Tracking Challenge."""
    annotators: bool = False
    """Both are people and neither is the truth: say how well they agree, which a model need not surpass."""
    axes: str | None = None
    """The axes of the stored arrays, letters of TCZYX, such as ZYX."""
    pixel_size: float | tuple[float, ...] | None = None
    """µm a pixel, or along each axis, over what the files say; without any, distances are in pixels."""


@dataclass(frozen=True)
class ComparedFrame:
    """A frame of a predicted and a true mask that was scored."""

    name: str
    predicted: Image
    truth: Image
    index: int

    def class_numbers(
        self, truth_reading: MaskReading, predicted_reading: MaskReading
    ) -> tuple[np.ndarray, np.ndarray]:
        """The true and the predicted mask, uint8 `(*space)` each."""
        return (
            truth_reading.class_numbers(self.truth.frame(self.index)),
            predicted_reading.class_numbers(self.predicted.frame(self.index)),
        )


@dataclass(frozen=True)
class Evaluation:
    """How well predicted masks agree with the truth.

    Attributes:
        scores: of all frames that could be compared, and of each.
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
) -> Evaluation:
    """Score predicted masks against the true masks of the same names.

    Raises:
        RequestError: no names fit each other, or masks cannot be read as the settings say.
        DataError: the masks of one side cannot be understood, or not one pair can be compared.
    """
    matching = pair_files(predicted, truth)
    if not matching.pairs:
        raise RequestError(
            f"None of the {len(predicted)} predicted masks ({predicted[0].name}, …) fits one of the "
            f"{len(truth)} true masks ({truth[0].name}, …) by name. Give them the same names."
        )
    pairs, failures = _read_pairs(matching, settings, progress)
    if not pairs:
        raise DataError([str(error) for error in failures.values()])
    true = [census for pair in pairs for census in pair.truth_censuses]
    stated = [census for pair in pairs for census in pair.predicted_censuses]
    with_objects = settings.objects or settings.tracks
    read_truth_as, read_as = settings.read_truth_as, settings.read_predicted_as
    if with_objects:
        read_truth_as = _as_objects(read_truth_as, true, "true", settings.not_annotated)
        read_as = _as_objects(read_as, stated, "predicted")
    truth_reading = _decide(true, "true", read_truth_as, settings.not_annotated)
    if read_as == "auto" and _are_class_numbers(stated, truth_reading.classes):
        read_as = "classes"
    predicted_reading = _decide(stated, "predicted", read_as)
    classes = max(truth_reading.classes, predicted_reading.classes)
    numbered = (numbers_objects(true, truth_reading, read_truth_as),
                numbers_objects(stated, predicted_reading, read_as))
    frames: list[ComparedFrame] = []
    scores: list[ImageScores] = []
    object_scores: list[ObjectScores] = []
    for done, pair in enumerate(pairs):
        progress(len(pairs) + done, 2 * len(pairs), "comparing masks")
        for frame in pair.frames:
            masks = frame.class_numbers(truth_reading, predicted_reading)
            scores.append(compare_masks(*masks, classes, name=frame.name, pixel_size=pair.pixel_size))
            frames.append(frame)
            if with_objects:
                object_scores.append(_match_objects(frame, masks, numbered, classes))
    missing, findings = _left_out(matching, truth, failures)
    if settings.annotators:
        missing = tuple(path for path in missing if path not in matching.masks_without_image)
    doubts = [*_doubts("true", truth_reading), *_doubts("predicted", predicted_reading)]
    if not doubts:  # which would explain classes that differ
        doubts = _of_classes(truth_reading.classes, predicted_reading.classes)
    return Evaluation(
        summarise(scores),
        tuple(frames),
        predicted_reading,
        truth_reading,
        matching.rule,
        missing,
        join_findings(between_annotators([*findings, *doubts]) if settings.annotators else [*findings, *doubts]),
        tuple(object_scores),
        _score_tracks(predicted[0].parent, truth[0].parent, settings, progress) if settings.tracks else None,
        settings.annotators,
        numbered,
    )


@dataclass(frozen=True)
class _MaskPair:
    """A predicted and a true mask of the same size, and what they hold."""

    predicted: Image
    truth: Image
    predicted_censuses: list[Census]
    truth_censuses: list[Census]

    @classmethod
    def read(cls, predicted_path: Path, truth_path: Path, settings: ComparisonSettings) -> _MaskPair:
        opened = partial(open_alike, axes=settings.axes, pixel_size=settings.pixel_size)
        truth = opened(truth_path, None)
        # Planes are taken for moments where a file says nothing: if one side is a volume, so is the other.
        predicted = opened(predicted_path, truth if truth.frames == 1 else None)
        truth = opened(truth_path, predicted)
        if (predicted.frames, predicted.space) != (truth.frames, truth.space):
            raise FileError(
                f"{truth_path}: the true mask has {_extent(truth)}, the predicted one {_extent(predicted)}. "
                "Compare masks of the same image at the same size."
            )
        return cls(predicted, truth, *([Census.take(frame) for frame in mask] for mask in (predicted, truth)))

    @property
    def pixel_size(self) -> tuple[float, ...] | None:
        return self.predicted.pixel_size or self.truth.pixel_size

    @property
    def frames(self) -> list[ComparedFrame]:
        count, name = self.truth.frames, self.predicted.name
        names = [name] if count == 1 else [f"{name}[{index}]" for index in range(count)]
        return [ComparedFrame(name, self.predicted, self.truth, index) for index, name in enumerate(names)]


def _read_pairs(
    matching: Matching, settings: ComparisonSettings, progress: Progress
) -> tuple[list[_MaskPair], dict[Path, FileError]]:
    """The pairs that can be compared, and by the true mask why others cannot."""
    pairs, failures = [], {}
    for done, (predicted, truth) in enumerate(matching.pairs):
        progress(done, 2 * len(matching.pairs), "reading masks")
        try:
            pairs.append(_MaskPair.read(predicted, truth, settings))
        except FileError as error:
            failures[truth] = error
    return pairs, failures


def _decide(
    censuses: Sequence[Census], which: str, read_as: ReadAs, not_annotated: int | None = None
) -> MaskReading:
    """One reading for the masks of a side; whatever is said about it speaks of that side and its flag."""
    try:
        return decide(censuses, read_as, not_annotated)
    except DataError as error:
        raise DataError([_of_side(problem, which) for problem in error.problems]) from error
    except RequestError as error:
        raise RequestError(_of_side(str(error), which)) from error


def _as_objects(
    read_as: ReadAs, censuses: Sequence[Census], which: str, not_annotated: int | None = None
) -> ReadAs:
    """How to read masks whose objects count: as label images, if that is what they are."""
    reading = _decide(censuses, which, read_as, not_annotated)
    return "objects" if numbers_objects(censuses, reading, read_as) else read_as


def _match_objects(
    frame: ComparedFrame, masks: tuple[np.ndarray, np.ndarray], numbered: tuple[bool, bool], classes: int
) -> ObjectScores:
    stored = frame.truth.frame(frame.index), frame.predicted.frame(frame.index)
    labels = []
    for pixels, mask, are_numbers in zip(stored, masks, numbered, strict=True):
        try:
            labels.append(numbered_objects(pixels) if are_numbers else connected_objects(mask)[0])
        except ValueError as error:
            raise RequestError(f"{frame.name}: {error}. Leave out --objects, or say how the masks are read.") from error
    return match_classes((labels[0], labels[1]), masks, classes)


def _places(stored: np.ndarray, reading: MaskReading) -> np.ndarray:
    """The place, from 1, of the value at each pixel among all of a mask, `(*space)`."""
    return distinct_values(carried(stored, reading.carrier))[1] + 1


def _score_tracks(predicted: Path, truth: Path, settings: ComparisonSettings, progress: Progress) -> TrackScores:
    true, tracked = (read_tracked(folder, axes=settings.axes) for folder in (truth, predicted))
    return score_tracks(true, tracked, progress)


def _of_side(sentence: str, which: str) -> str:
    flag = {"true": "--read-truth-as", "predicted": "--read-predicted-as"}[which]
    return sentence.replace("The masks", f"The {which} masks").replace("--read-masks-as", flag)


def _doubts(which: str, reading: MaskReading) -> list[Finding]:
    if not reading.doubt:
        return []
    problem = f"the {which} masks could mean something else than '{reading.sentence}'"
    return [Finding("warning", "", problem, _of_side(reading.doubt, which))]


def _of_classes(true: int, predicted: int) -> list[Finding]:
    """Classes that only one side holds."""
    if true == predicted:
        return []
    more, fewer = ("true", "predicted") if true > predicted else ("predicted", "true")
    low, high = sorted((true, predicted))
    numbers = f"class {high}" if high == low + 1 else f"classes {low + 1} to {high}"
    problem = f"no {fewer} mask holds {numbers}, and the {more} masks do"
    advice = "All its pixels count as wrong. Make sure that both sides mean the same classes."
    return [Finding("warning", "", problem, advice)]


def _are_class_numbers(censuses: Sequence[Census], classes: int) -> bool:
    """Whether the values are class numbers that the truth has too, as Morula writes them.

    Only then a prediction that is wrong everywhere is still read as what it says.
    """
    numbers = range(max(classes, 1) + 1)
    return all(c.codes.shape[1] == 1 and np.isin(c.codes, numbers).all() for c in censuses)


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
    for path in matching.images_without_mask:
        findings.append(Finding("note", str(path), "no true mask has this name", "It does not count."))
    return (*failures, *absent, *unclear), findings


def _extent(mask: Image) -> str:
    size = " × ".join(map(str, mask.space))
    return size if mask.frames == 1 else f"{mask.frames} frames of {size}"
