"""What there is to say about an evaluation and about a model: on a page, and in rows of label and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from morula.errors import FileError, ModelError, RequestError
from morula.headers.units import pixel_size_in_words
from morula.images.read import open_alike, without_alpha
from morula.learning.provenance import software
from morula.models.made import TRAINED
from morula.models.model import Model
from morula.networks.cost import cost
from morula.pairs.pairing import nothing_fits, pair_files
from morula.plots.display import channel_colours
from morula.plots.measure_plots import MeasurePicture
from morula.plots.overlay import overlay
from morula.plots.planes import point_of_interest
from morula.progress import duration
from morula.reports.methods import TrainingFacts, methods_paragraph
from morula.reports.page import GalleryItem, Report, choose_for_gallery
from morula.reports.terms import TERMS, large_number, network_in_words
from morula.scores.annotators import agreement_in_words
from morula.scores.compare import ImageScores
from morula.scores.estimate import Estimate
from morula.scores.evaluation import Evaluation
from morula.scores.learning_curve import LearningCurve


def evaluation_report(evaluation: Evaluation, images: Sequence[Path] = ()) -> Report:
    """A page about masks that were compared with the truth; `images` are shown beneath the outlines."""
    versions = {"Morula": software()["Morula"]}
    scores = evaluation.scores if evaluation.frames else None
    return Report(
        title="Two annotators" if evaluation.annotators else "Predicted masks against the truth",
        subtitle=agreement_in_words(evaluation.scores) if evaluation.annotators else "",
        axes=_axes(evaluation),
        data=evaluation.rows,
        findings=_findings(evaluation),
        scores=scores,
        novelty=evaluation.novelty,
        of_new=evaluation.of_new,
        objects=evaluation.objects,
        tracks=evaluation.tracks,
        gallery=gallery(evaluation, images),
        versions=versions,
        methods="" if evaluation.annotators else methods_paragraph(versions, scores=scores, axes=_axes(evaluation)),
        annotators=evaluation.annotators,
    )


def model_report(
    model: Model,
    path: Path,
    evaluation: Evaluation | None = None,
    images: Sequence[Path] = (),
    measures: Sequence[MeasurePicture] = (),
) -> Report:
    """A page about a model and its training, about its masks where they were compared with the truth, and about what
    was measured of them.

    Raises:
        ModelError: the model was put together by hand.
    """
    record = model.record
    if TRAINED not in record:
        raise ModelError(f"{path} was put together by hand, and a report is about a training. morula info says what "
                         "it is.")
    scores = evaluation.scores if evaluation else None
    seen = {*record["training_frames"], *record["validation_frames"]}
    held_out = evaluation is not None and not evaluation.novelty and (
        all(evaluation.seen) if any(evaluation.seen) else not seen & {frame.name for frame in evaluation.frames})
    return Report(
        title=f"Model {path.stem}",
        subtitle=f"Trained {record['made'][:10]} on {len(record['training_frames'])} frames; model {model.fingerprint}",
        axes=model.plan.architecture.axes,
        data=[*map(tuple, record["data"]), *_validation_objects(record), *(evaluation.rows if evaluation else ())],
        findings=[*map(tuple, record["findings"]), *_second_look(record),
                  *(_findings(evaluation) if evaluation else ())],
        plan=model.plan.reasons,
        plan_numbers=_numbers(model),
        estimate=known_estimate(record),
        curve=known_curve(record),
        history=record["history"],
        judged="validation" if record["validation_frames"] else "training",
        scores=scores,
        novelty=evaluation.novelty if evaluation else "",
        of_new=evaluation.of_new if evaluation else None,
        objects=evaluation.objects if evaluation else None,
        trust=record.get("quality"),
        gallery=gallery(evaluation, images) if evaluation else (),
        measures=[(picture.title, picture.svg()) for picture in measures],
        timings=record.get("parts") or {"training": record["seconds"]},
        versions=record["versions"],
        methods=methods_paragraph(record["versions"], training_facts(model), scores,
                                  axes=model.plan.architecture.axes, held_out=held_out),
    )


def describe_model(model: Model) -> tuple[tuple[str, str], ...]:
    """What a model is, where it came from and how good it was, as rows of label and value."""
    plan, record = model.plan, model.record
    size = f"{TERMS[plan.architecture.axes].pixel} size"
    rows = [
        ("model", model.fingerprint),
        ("channels", ", ".join(plan.channels)),
        ("classes", ", ".join(plan.classes)),
        (size, pixel_size_in_words(plan.pixel_size) if plan.pixel_size else "unknown"),
        *(("plan", sentence) for sentence in plan.reasons),
        *_cost(model),
    ]
    if TRAINED not in record:  # a model that was put together by hand
        return tuple(rows)
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    rows += [
        ("made", f"{record['made'][:16].replace('T', ' ')} UTC with {versions}"),
        ("made on", record["processor"]),
        *((label, value) for label, value in record["data"] if label not in dict(rows)),
        ("training", f"{record['steps_done']:,} steps in {duration(record['seconds'])}"),
    ]
    if earlier := record.get("earlier"):
        sentences = (f"This training went on from the model {earlier['model']}.", *earlier["kept"], earlier["sentence"])
        rows += [("earlier model", sentence) for sentence in sentences]
    if start := _start(record):
        rows.append(("begun with", f"what was learned from drawings ({start})"))
    if scores := record["validation"]:
        rows += [
            ("validation", f"{len(scores['images'])} frames: pixel accuracy {_score(scores['pixel_accuracy'])}, "
                           f"mean IoU {_score(scores['mean_iou'])}, foreground IoU {_score(scores['foreground_iou'])}"),
            *((f"validation, {name}", f"IoU {_score(of['iou'])}, Dice {_score(of['dice'])}")
              for name, of in zip(scores["names"], scores["classes"].values(), strict=True)),
        ]
    if "mean_error" in (learned := record.get("quality") or {}):
        rows.append(("expected IoU", f"off by {learned['mean_error']:.3f} in the mean on {learned['frames']} frames, "
                                     f"{100 * learned['covered']:.0f} % within its intervals"))
    if second := record.get("second_look"):
        rows += [("second look", second["sentences"][0])]
    rows += [("made from", sentence) for sentence in record.get("card", ())]
    for told in (known_estimate(record), known_curve(record)):
        rows += told.rows if told else ()
    return (*rows, *_validation_objects(record))


def _validation_objects(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """How many objects of the validation frames were found, where the model separates them."""
    if scores := record.get("validation_objects"):
        half = scores["thresholds"]["0.50"]
        yield "validation, objects", (f"{scores['true']:,} true, {scores['predicted']:,} predicted: F1 "
                                      f"{_score(half['f1'])} at IoU 0.5, average precision "
                                      f"{_score(scores['mean_average_precision'])}, panoptic quality "
                                      f"{_score(scores['panoptic_quality'])}")


def _second_look(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The annotations that a model takes for wrong, as findings, and what the list is worth."""
    if second := record.get("second_look"):
        for each in second["listed"]:
            yield "warning", f"{each['frame']}: {each['words']} ({each['wrong']:.0%} sure)"
        yield "note", " ".join(second["sentences"])


def known_estimate(record: Mapping[str, Any]) -> Estimate | None:
    """What a model's record says that masks of new groups are worth."""
    return Estimate.from_record(found) if (found := record.get("estimate")) else None


def known_curve(record: Mapping[str, Any]) -> LearningCurve | None:
    """How scores followed the number of groups, as a model's record says."""
    return LearningCurve.from_record(found) if (found := record.get("learning_curve")) else None


def _cost(model: Model) -> Iterator[tuple[str, str]]:
    architecture, patch = model.plan.architecture, model.plan.patch
    costs, pixels = cost(architecture, patch), f"{TERMS[architecture.axes].pixel}s"
    yield "network", network_in_words(architecture)
    yield "parameters", f"{costs.parameters:,}"
    yield "multiply-adds", f"{large_number(costs.multiply_adds)} for a patch of {' × '.join(map(str, patch))} {pixels}"
    yield "eight bits", "keep the masks" if model.ranges else "harm the masks, and are not used"
    yield "receptive field", f"{' × '.join(map(str, costs.receptive_field))} {pixels}"


def training_facts(model: Model) -> TrainingFacts:
    """What a methods section says of a model's training."""
    record = model.record
    last = next(past for past in reversed(record["history"]) if "validation_iou" in past)
    return TrainingFacts(
        plan=model.plan,
        frames=len(record["training_frames"]),
        validation_frames=len(record["validation_frames"]),
        groups=record["split_by_group"],
        parameters=sum(weights.numel() for weights in model.network.parameters()),
        steps=record["steps_done"],
        seconds=record["seconds"],
        processor=record["processor"],
        validation_iou=last["validation_iou"],
        seed=record["settings"]["seed"],
        earlier=(record.get("earlier") or {}).get("model"),
        start=_start(record),
        estimate=known_estimate(record),
    )


def _start(record: Mapping[str, Any]) -> str | None:
    """The name of what was learned from drawings and a training began with; None where it began with anything else."""
    return None if record.get("earlier") else record.get("begun_with")


def gallery(evaluation: Evaluation, images: Sequence[Path]) -> list[GalleryItem]:
    """Overlays from worst to best; on black where no image fits a mask by name.

    Raises:
        RequestError: no image fits any mask by name.
        FileError: an image cannot be read, or is of another size than its mask.
    """
    masks = [frame.predicted.path for frame in evaluation.frames if frame.predicted.path]
    shown = {mask: image for image, mask in pair_files(images, masks).pairs} if images else {}
    if images and not shown:
        raise RequestError(nothing_fits(images, masks, ("images", "predicted masks")))
    frames = dict(zip(map(id, evaluation.scores.images), evaluation.frames, strict=True))
    items = []
    for scored in choose_for_gallery(evaluation.scores):
        frame = frames[id(scored)]
        truth, mask = frame.class_numbers(evaluation.truth_reading, evaluation.predicted_reading)
        under = shown.get(frame.predicted.path) if frame.predicted.path else None
        image = without_alpha(open_alike(under, frame.predicted)) if under else None
        if image and (image.frames, image.space) != (frame.predicted.frames, frame.predicted.space):
            raise FileError(f"{under}: the image has {image.extent}, and its mask {frame.predicted.extent}. Give with "
                            "--images what was segmented.")
        pixels = image.frame(frame.index) if image else np.zeros((1, *truth.shape), np.uint8)
        names = image.channels if image else ()
        pixel_size = frame.predicted.pixel_size or frame.truth.pixel_size
        items.append(GalleryItem(
            scored.name,
            overlay(pixels, truth, mask, objects=evaluation.told_apart(frame), channels=names, pixel_size=pixel_size),
            scored.foreground_iou,
            _place(point_of_interest(truth, mask)) if truth.ndim > 2 else "",
            channel_colours(names) if len(names) > 1 else {},
            _mistaken(scored, evaluation.scores.names),
        ))
    return items


def _place(point: Sequence[int]) -> str:
    return ", ".join(f"{axis} {index}" for axis, index in zip("zyx", point, strict=True))


def _mistaken(scored: ImageScores, names: Sequence[str]) -> str:
    """Which class is most often taken for another one, background aside, and how much of it; empty if none is."""
    wrong = scored.confusion.copy()
    np.fill_diagonal(wrong, 0)
    wrong[0] = wrong[:, 0] = 0
    if not wrong.any():
        return ""
    true, taken = divmod(int(wrong.argmax()), len(names))
    share = wrong[true, taken] / scored.confusion[true].sum()
    return f"{names[true]} taken for {names[taken]}: {100 * share:.1f} %"


def _axes(evaluation: Evaluation) -> int:
    return len(evaluation.frames[0].truth.space) if evaluation.frames else 2  # without pixel scores, no word needs it


def _numbers(model: Model) -> dict[str, Any]:
    plan, pixels = model.plan, f"{TERMS[model.plan.architecture.axes].pixel}s"
    return {
        "channels": ", ".join(plan.channels),
        "classes": ", ".join(plan.classes),
        "binning": f"{' × '.join(map(str, plan.binning))} {pixels}",
        "features": ", ".join(map(str, plan.architecture.features)),
        "parameters": f"{sum(weights.numel() for weights in model.network.parameters()):,}",
        "patch": f"{' × '.join(map(str, plan.patch))} {pixels}",
        "batch": str(plan.batch_sizes),
        "learning rate": plan.learning_rate,
    }


def _findings(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(finding.severity, str(finding)) for finding in evaluation.findings]


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
