"""What a new model has forgotten of the images that an earlier one was judged by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from morula.checks.data_settings import DataSettings
from morula.checks.inspection import inspect
from morula.errors import DataError, MorulaError
from morula.judging.scoring import score_frames
from morula.models.model import Model
from morula.names.endings import file_of
from morula.pairs.masks import MaskReading
from morula.pairs.split import NO_PAST, Past
from morula.plurals import many
from morula.progress import Progress, silent
from morula.scores.compare import Scores

EQUAL = 0.01
"""Scores that differ by less are taken for equal."""


@dataclass(frozen=True)
class Forgetting:
    """An earlier and a new model on the validation frames of the earlier one.

    Attributes:
        sentence: how they compare, or why they cannot be compared.
        frames: how many were compared.
        before: mean foreground IoU of the earlier model.
        after: that of the new one.
    """

    sentence: str
    frames: int = 0
    before: float | None = None
    after: float | None = None


def past_of(earlier: Model | None) -> Past:
    """The frames that an earlier model learned from and was judged by; none without such a model."""
    if earlier is None:
        return NO_PAST
    files = {file["name"]: Path(file["image"]) for file in earlier.record.get("validation_files", ())}
    return Past(frozenset(earlier.record.get("training_frames", ())), files)


def forgetting(earlier: Model, model: Model, data: DataSettings, progress: Progress = silent) -> Forgetting:
    """Score both models on the validation frames of the earlier one that are still there.

    Args:
        earlier: the model that the training went on from.
        model: what came out.
        data: how its images were read, which says its channels.
        progress: called with frames done, frames in all, and words.
    """
    files = earlier.record.get("validation_files", [])
    if not files:
        return Forgetting("The earlier model names no validation frames, so nobody knows what was forgotten.")
    there = [file for file in files if all(file_of(Path(file[kind])).exists() for kind in ("image", "mask"))]
    if not there:
        return Forgetting(f"The validation frames of the earlier model are gone, such as {files[0]['image']}, so "
                          "nobody knows what was forgotten.")
    try:
        before, after = _scores(there, earlier, model, data, progress)
    except (MorulaError, ValueError) as error:
        # The training is done, and must not be lost over files that are no longer what they were.
        return Forgetting(f"The validation frames of the earlier model cannot be used any more: {error}")
    gone = f", {len(files) - len(there)} being gone" if len(there) < len(files) else ""
    first, now = before.foreground_iou or 0.0, after.foreground_iou or 0.0
    sentence = (f"On {many(len(there), 'validation frame')} of the earlier model{gone}: foreground IoU {first:.3f} "
                f"before, {now:.3f} now: {_judged(now - first)}")
    return Forgetting(sentence, len(there), first, now)


def _scores(
    files: list[dict[str, Any]], earlier: Model, model: Model, data: DataSettings, progress: Progress
) -> tuple[Scores, Scores]:
    """The scores of both models on the frames in these files, read as the earlier model read them."""
    as_earlier = DataSettings.model_validate(earlier.record["data_settings"])
    as_now = as_earlier.model_copy(update={"use_channels": data.use_channels})
    reading = MaskReading.from_record(earlier.record["reading"])
    images, masks = ([file[kind] for file in files] for kind in ("image", "mask"))
    wanted = {(Path(file["image"]), file["frame"]) for file in files}
    scores = []
    for each, settings in ((earlier, as_earlier), (model, as_now)):
        inspection = inspect(images, masks, settings, progress)
        frames = [frame for frame in inspection.frames if (frame.pair.image.path, frame.index) in wanted]
        if len(frames) < len(files):
            raise DataError([str(finding) for finding in inspection.errors])
        found = score_frames(each, frames, reading, earlier.plan.classes, progress)
        assert found is not None  # since there are files
        scores.append(found)
    return scores[0], scores[1]


def _judged(gained: float) -> str:
    if gained < -EQUAL:
        return "it became worse there. Train on old and new images together."
    return "it became better there too." if gained > EQUAL else "as good as it was."
