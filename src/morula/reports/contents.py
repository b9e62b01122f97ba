"""What goes on a page: about an evaluation, and about the model that made the masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from morula.images.pairs import pair_files
from morula.images.read import open_image
from morula.learning.provenance import software
from morula.models.model import Model
from morula.objects.evaluation import Evaluation
from morula.reports.methods import TrainingFacts, methods_paragraph
from morula.reports.plots import overlay
from morula.reports.report import GalleryItem, Report, choose_for_gallery


def evaluation_report(evaluation: Evaluation, images: Sequence[Path] = ()) -> Report:
    """A page about masks that were compared with the truth; `images` are shown beneath the outlines."""
    versions = {"Morula": software()["Morula"]}
    return Report(
        title="Predicted masks against the truth",
        data=evaluation.rows,
        findings=[(finding.severity, str(finding)) for finding in evaluation.findings],
        scores=evaluation.scores,
        gallery=gallery(evaluation, images),
        versions=versions,
        methods=methods_paragraph(versions, scores=evaluation.scores),
    )


def model_report(model: Model, path: Path, evaluation: Evaluation | None = None, images: Sequence[Path] = ()) -> Report:
    """A page about a model and its training, and about its masks where they were compared with the truth."""
    record = model.record
    scores = evaluation.scores if evaluation else None
    seen = {*record["training_frames"], *record["validation_frames"]}
    held_out = evaluation is not None and not seen & {frame.name for frame in evaluation.frames}
    return Report(
        title=f"Model {path.stem}",
        subtitle=f"Trained {record['made'][:10]} on {len(record['training_frames'])} frames; model {model.fingerprint}",
        data=[*map(tuple, record["data"]), *(evaluation.rows if evaluation else ())],
        findings=[*map(tuple, record["findings"])],
        plan=model.plan.reasons,
        plan_numbers=_numbers(model),
        history=record["history"],
        scores=scores,
        gallery=gallery(evaluation, images) if evaluation else (),
        timings={"training": record["seconds"]},
        versions=record["versions"],
        methods=methods_paragraph(record["versions"], training_facts(model), scores, held_out=held_out),
    )


def training_facts(model: Model) -> TrainingFacts:
    """What a methods section says of a model's training."""
    record = model.record
    best = next(past for past in record["history"]
                if "validation_iou" in past and past["step"] == record["best_step"])  # fmt: skip
    return TrainingFacts(
        plan=model.plan,
        frames=len(record["training_frames"]),
        validation_frames=len(record["validation_frames"]),
        groups=bool(record["validation_frames"]),
        parameters=sum(weights.numel() for weights in model.network.parameters()),
        steps=record["steps_done"],
        seconds=record["seconds"],
        processor=record["processor"],
        best_step=record["best_step"],
        validation_iou=best["validation_iou"],
        seed=record["settings"]["seed"],
    )


def gallery(evaluation: Evaluation, images: Sequence[Path]) -> list[GalleryItem]:
    """Overlays from worst to best; on black where no image fits a mask by name."""
    masks = [frame.predicted.path for frame in evaluation.frames if frame.predicted.path]
    shown = {mask: image for image, mask in pair_files(images, masks).pairs} if images else {}
    frames = dict(zip(map(id, evaluation.scores.images), evaluation.frames, strict=True))
    items = []
    for image in choose_for_gallery(evaluation.scores):
        frame = frames[id(image)]
        truth, mask = frame.class_numbers(evaluation.truth_reading, evaluation.predicted_reading)
        under = shown.get(frame.predicted.path) if frame.predicted.path else None
        picture = open_image(under).frame(frame.index) if under else np.zeros((1, *truth.shape), np.uint8)
        items.append(GalleryItem(image.name, overlay(picture, truth, mask), image.foreground_iou))
    return items


def _numbers(model: Model) -> dict[str, Any]:
    plan = model.plan
    return {
        "channels": ", ".join(plan.channels),
        "classes": ", ".join(plan.classes),
        "binning": " × ".join(map(str, plan.binning)),
        "features": ", ".join(map(str, plan.architecture.features)),
        "parameters": f"{sum(weights.numel() for weights in model.network.parameters()):,}",
        "patch": " × ".join(map(str, plan.patch)),
        "batch": plan.batch,
        "learning rate": plan.learning_rate,
    }
