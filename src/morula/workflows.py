"""One function a verb, for the command line and for Python alike.

A workflow takes paths and settings, returns a named result, reports its progress through a plain callable
`progress(done, total, words)`, and prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from json import dumps
from pathlib import Path

import numpy as np
from pydantic import Field, model_validator

from morula.errors import OutputError, RequestError
from morula.files import write_text
from morula.images.inspection import DataSettings, Files, Inspection, inspect
from morula.images.pairs import pair_files
from morula.images.read import find_files, open_image
from morula.objects.evaluation import ComparisonSettings, Evaluation, evaluate_files
from morula.progress import Progress, silent
from morula.settings import Settings


def check(
    images: Files, masks: Files, settings: DataSettings | None = None, *, progress: Progress = silent
) -> Inspection:
    """Read all images and masks once, and say what they hold and what must be mended before training.

    Raises:
        RequestError: there are no images or no masks, or a setting does not fit them.
    """
    return inspect(images, masks, settings or DataSettings(), progress)


class DrawingSettings(Settings):
    """What is drawn."""

    count: int | None = Field(default=None, gt=0)
    """Images in all, 60 where neither this nor --frames is given."""
    movies: int = Field(default=6, gt=0)
    """Movies they are spread over; each has a body, a well and a microscope of its own."""
    frames: int | None = Field(default=None, gt=0)
    """Frames of each movie, in place of --count."""
    classes: int = Field(default=1, ge=1, le=2)
    """1 outlines the bodies only, 2 marks shed cells as class 2."""
    size: int = Field(default=160, ge=32)
    """Width and height of an image in pixels."""
    seed: int = Field(default=0, ge=0)
    """Everything follows from it: the same seed draws the same images."""

    @model_validator(mode="after")
    def _one_way_to_count(self) -> DrawingSettings:
        if self.count and self.frames:
            raise ValueError("--count and --frames both say how many images to draw: give one of them.")
        return self

    @property
    def total(self) -> int:
        """Images in all."""
        return self.frames * self.movies if self.frames else self.count or 60


@dataclass(frozen=True)
class Drawn:
    """Where drawn images and their masks are, and how many."""

    images: Path
    masks: Path
    frames: int


def draw(
    kind: str, out: str | Path, settings: DrawingSettings | None = None, *, progress: Progress = silent
) -> Drawn:
    """Draw images with known outlines into `out/images` and `out/masks`.

    Raises:
        RequestError: `kind` is not "gastruloids", or its settings do not fit together.
        OutputError: there are images or masks in `out` already, or it cannot be written to.
    """
    from morula.images.synthetic import draw_gastruloids, save_drawings

    settings = settings or DrawingSettings()
    if kind != "gastruloids":
        raise RequestError(f"There is no way to draw {kind!r}. What can be drawn: gastruloids.")
    images, masks = Path(out) / "images", Path(out) / "masks"
    for folder in (images, masks):
        if folder.exists() and any(folder.iterdir()):
            raise OutputError(f"{folder} holds files already. Choose another folder for --out, or empty it.")
    count = settings.total
    drawings = draw_gastruloids(
        count, movies=settings.movies, seed=settings.seed, size=settings.size, classes=settings.classes
    )
    save_drawings(drawings, Path(out), total=count, progress=progress)
    return Drawn(images, masks, count)


def evaluate(
    predicted: Files,
    truth: Files,
    settings: ComparisonSettings | None = None,
    *,
    images: Files | None = None,
    json: str | Path | None = None,
    report: str | Path | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Compare predicted masks with true ones of the same name, frame by frame.

    Args:
        predicted: masks of any form; those of Morula hold class numbers.
        truth: the true masks; each needs a prediction, and further predictions do not count.
        settings: how the masks are read, where that should not be recognised.
        images: what was segmented, to be shown beneath the outlines in the report.
        json: where to write all scores.
        report: where to write a page with scores and overlays.
        progress: called with masks done, masks in all, and words.

    Raises:
        RequestError: there are no masks, or no prediction fits any true mask by name.
        DataError: the masks of one side cannot be understood, or not one pair can be compared.
        OutputError: `json` or `report` cannot be written.
    """
    evaluation = evaluate_files(
        find_files(predicted), find_files(truth), settings or ComparisonSettings(), progress
    )
    if json is not None:
        write_text(Path(json), dumps(evaluation.record(), indent=2, ensure_ascii=False) + "\n")
    if report is not None:
        _report_evaluation(Path(report), evaluation, find_files(images) if images is not None else [])
    return evaluation


def _report_evaluation(path: Path, evaluation: Evaluation, images: Sequence[Path]) -> None:
    from morula.reports.methods import methods_paragraph
    from morula.reports.plots import overlay
    from morula.reports.report import GalleryItem, Report, choose_for_gallery, write_report

    scores = evaluation.scores
    predicted = [frame.predicted.path for frame in evaluation.frames if frame.predicted.path]
    shown = {mask: image for image, mask in pair_files(images, predicted).pairs} if images else {}
    frames = {frame.name: frame for frame in evaluation.frames}
    gallery = []
    for image in choose_for_gallery(scores):
        frame = frames[image.name]
        truth, mask = frame.class_numbers(evaluation.truth_reading, evaluation.predicted_reading)
        under = shown.get(frame.predicted.path) if frame.predicted.path else None
        picture = open_image(under).frame(frame.index) if under else np.zeros((1, *truth.shape), np.uint8)
        gallery.append(GalleryItem(image.name, overlay(picture, truth, mask), image.foreground_iou))
    versions = {"Morula": version("morula")}
    write_report(path, Report(
        title="Predicted masks against the truth",
        data=evaluation.rows,
        findings=[(finding.severity, str(finding)) for finding in evaluation.findings],
        scores=scores,
        gallery=gallery,
        versions=versions,
        methods=methods_paragraph(versions, scores=scores),
    ))
