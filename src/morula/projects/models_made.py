"""The models of a project, and what is known of each without loading its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from morula.images.read import natural_order
from morula.models.builtin import ENDING
from morula.plurals import many
from morula.projects.project import Project
from morula.scores.compare import ImageScores
from morula.scores.estimate import Estimate, bootstrap_mean
from morula.scores.learning_curve import MANY, LearningCurve

WIDE, IDLE = 0.1, 0.6
"""Intervals that are wider tell little, or nothing."""


@dataclass(frozen=True)
class ModelMade:
    """What is known of a model.

    Attributes:
        name: its file's, without the ending.
        made: when, as ISO 8601.
        validation_iou: of frames that took no part in its training, or in those before it; None where there were none.
        frames: that it learned from.
    """

    name: str
    made: str
    validation_iou: float | None
    frames: int


def model_files(project: Project) -> list[Path]:
    """The finished models, the latest last."""
    if not project.models.is_dir():
        return []
    return sorted(project.models.glob(f"[!.]*{ENDING}"), key=natural_order)


def models_made(project: Project) -> list[ModelMade]:
    """What is known of each, the latest last; files that are no models are left out."""
    known = (_known(path, path.stat().st_mtime_ns) for path in model_files(project))
    return [model for model in known if model]


def latest_model(project: Project) -> Path | None:
    """The one that was made last."""
    return next(reversed(model_files(project)), None)


def next_model(project: Project) -> Path:
    """A name that no model has, finished or not."""
    number = 1
    while any(project.models.glob(f"model-{number}{ENDING}*")):
        number += 1
    return project.models / f"model-{number}{ENDING}"


def score_of(record: Mapping[str, Any]) -> float | None:
    """The foreground IoU of frames that took no part, as a model's record says: of those that validated it, or the mean
    of those that were left out in turn."""
    if validation := record["validation"]:
        return validation["foreground_iou"]
    found = Estimate.from_record(record["estimate"]).foreground("iou") if record["estimate"] else None
    return found.mean if found else None


def outlook_of(record: Mapping[str, Any]) -> str:
    """What masks of images like those of a training are worth, as far as its record tells, and what more would bring.

    Args:
        record: of a model.
    """
    if curve := record.get("learning_curve"):
        return LearningCurve.from_record(curve).sentence
    if estimate := record["estimate"]:
        scores = [group.foreground("iou") for group in Estimate.from_record(estimate).groups]
        tested = many(len(scores), "part") + " of your annotation"
    elif validation := record["validation"]:
        scores = [ImageScores.from_record(image).foreground_iou for image in validation["images"]]
        tested = many(len(scores), "frame")
    else:
        return "No frame could be spared to test the model. Finish more, and it says how good it is."
    found = bootstrap_mean(scores)
    low, high = (found and found.ends) or (0.0, 1.0)
    if high - low > IDLE:
        return f"Only {tested} tested the model, which says little about others. Finish more to know how good it is."
    said = f"Masks of images like these likely have a mean IoU between {low:.2f} and {high:.2f}"
    if len(scores) < MANY or high - low > WIDE:
        return f"{said}. Only {tested} tested that: with more finished frames you would know better."
    return f"{said}, as {tested} say that the model had not seen."


@lru_cache(256)
def _known(path: Path, _changed: int) -> ModelMade | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            record = json.loads((file.metadata() or {})["record"])
        return ModelMade(path.name.removesuffix(ENDING), record["made"], score_of(record),
                         len(record["training_frames"]))
    except (SafetensorError, KeyError, ValueError, TypeError, OSError, RecursionError):
        return None
