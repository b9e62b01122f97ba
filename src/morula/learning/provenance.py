"""What made a model, kept with it: data, settings, software, time, scores."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import torch

from morula.learning.finishing import Finished
from morula.learning.lesson import Lesson
from morula.learning.loop import Trained
from morula.machine.devices import chosen_device
from morula.pairs.pair import Frame
from morula.scores.estimate import Estimate
from morula.scores.learning_curve import LearningCurve


def provenance(
    lesson: Lesson,
    trained: Trained,
    finished: Finished,
    estimate: Estimate | None,
    curve: LearningCurve | None,
    parts: Mapping[str, float],
) -> dict[str, Any]:
    """Everything about how a model came to be, as plain data for its file.

    Args:
        lesson: what there was to learn from, and what was asked for.
        trained: what came out.
        finished: what was made of it.
        estimate: scores of groups that were left out in turn.
        curve: how scores follow the number of groups.
        parts: seconds that each part of all this took, by its name.
    """
    inspection = lesson.inspection
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": software(),
        "processor": processor(),
        "data": [list(row) for row in inspection.rows],
        "findings": [[finding.severity, str(finding)] for finding in inspection.findings],
        "split": inspection.split.sentence,
        "split_by_group": inspection.split.by_group,
        "training_frames": [frame.name for frame in inspection.split.training],
        "validation_frames": [frame.name for frame in inspection.split.validation],
        "validation_files": frame_files(inspection.split.validation),
        "reading": lesson.reading.record(),
        "data_settings": lesson.data.model_dump(mode="json"),
        "settings": lesson.settings.model_dump(mode="json"),
        "devices": lesson.settings.devices,
        "network_settings": lesson.network.model_dump(mode="json"),
        "begun_with": lesson.kept.source,
        "steps": trained.steps,
        "steps_done": trained.step,
        "seconds": round(trained.seconds, 2),
        "parts": {part: round(seconds, 2) for part, seconds in parts.items()},
        "restarts": trained.restarts,
        "sated": trained.sated,
        "history": trained.history,
        "validation": finished.scores.record() if finished.scores else None,
        "validation_objects": finished.objects.record() if finished.objects else None,
        "earlier": finished.earlier,
        "estimate": estimate.record() if estimate else None,
        "learning_curve": curve.record() if curve else None,
        "outlines": finished.outlines,
        "quality": finished.judgement.record,
    }


def frame_files(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """Where frames lie: name, image, mask, and the number of the moment; those in memory are left out."""
    return [{"name": frame.name, "image": str(frame.pair.image.path.resolve()),
             "mask": str(frame.pair.mask.path.resolve()), "frame": frame.index}
            for frame in frames if frame.pair.image.path and frame.pair.mask.path]


def software() -> dict[str, str]:
    """Versions of what computed."""
    return {"Morula": version("morula"), "PyTorch": torch.__version__, "Python": platform.python_version()}


def processor() -> str:
    """What it ran on, in words."""
    if chosen_device().type != "cpu":
        return torch.cuda.get_device_name() if chosen_device().type == "cuda" else f"the GPU of {platform.processor()}"
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.processor() or platform.machine()
    threads = torch.get_num_threads()
    return f"{name} with {threads} core{'s' if threads > 1 else ''}"
