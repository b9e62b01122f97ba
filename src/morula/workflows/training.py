"""From pairs to a model in a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.errors import OutputError
from morula.files import ensure_writable
from morula.images.inspection import DataSettings, Files, Inspection, inspect
from morula.learning.settings import NetworkSettings, TrainSettings
from morula.progress import Progress, Tell, silent, unheard
from morula.settings import with_fields

if TYPE_CHECKING:
    from morula.models.model import Model
    from morula.scores.compare import Scores


@dataclass(frozen=True)
class Training:
    """What came of a training.

    Attributes:
        path: the model file.
        model: the model.
        inspection: what was found in the data.
        scores: of the validation frames, at full resolution; None if no frame could be held out.
        log: JSON lines with every step and validation.
    """

    path: Path
    model: Model
    inspection: Inspection
    scores: Scores | None
    log: Path


def train(
    images: Files,
    masks: Files,
    out: str | Path = "model.safetensors",
    settings: TrainSettings | None = None,
    data: DataSettings | None = None,
    architecture: NetworkSettings | None = None,
    *,
    animation: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    tell: Tell = unheard,
    **fields: Any,
) -> Training:
    """Check the data, plan a network, train it, and save the best of it as one file.

    Beside the model lies its log, and until it is finished a checkpoint, from which `resume` goes on.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks.
        out: the model file to write.
        settings: the budget, and what should not be planned.
        data: how files are read, where they do not say it themselves.
        architecture: what should not be planned about the network.
        animation: where to show how the mask of a validation frame emerges, a .gif file.
        resume: go on with a training that was stopped; where there is none, begin one.
        overwrite: replace a model or checkpoint that exists.
        progress: called with what is done, what there is to do, and words.
        tell: called with sentences about the data and the plan.
        fields: single values of `TrainSettings`, `DataSettings` and `NetworkSettings`, over those given above.

    Raises:
        DataError: the check found errors; all are listed.
        OutputError: `out` exists or cannot be written.
        TrainingError: nothing could be learned; the message is a diagnosis.
    """
    from morula.learning.checkpoint import checkpoint_path
    from morula.learning.emergence import watched_piece
    from morula.learning.forgetting import forgetting, past_of
    from morula.learning.judging import looks
    from morula.learning.planning import make_plan
    from morula.learning.provenance import provenance
    from morula.learning.quality import learn_quality
    from morula.learning.rounding import harmless_ranges
    from morula.learning.scoring import score_frames
    from morula.learning.store import prepared
    from morula.learning.train import Course, fit
    from morula.learning.transfer import transfer
    from morula.models.model import Model
    from morula.reports.animation import ensure_animation, write_animation

    settings, data, architecture = with_fields(
        fields, settings or TrainSettings(), data or DataSettings(), architecture or NetworkSettings()
    )
    out = Path(out)
    checkpoint, log = checkpoint_path(out), out.with_name(out.name + ".log.jsonl")
    _refuse_to_replace(out, checkpoint, resume=resume, overwrite=overwrite)
    if animation is not None:
        ensure_animation(Path(animation))
    earlier = Model.load(settings.init, settings.precision) if settings.init else None
    past = past_of(earlier)
    inspection = inspect(images, masks, data, progress, share=settings.share, seed=settings.seed, past=past)
    inspection.raise_on_errors()
    reading = inspection.reading
    assert reading is not None  # or there would have been an error
    divided = inspection.split
    plan = make_plan(divided.training, reading, settings, architecture, earlier.plan if earlier else None)
    kept = transfer(earlier, plan)
    warnings = (str(finding) for finding in inspection.warnings)
    for sentence in (*warnings, divided.sentence, *plan.reasons, *kept.sentences):
        tell(sentence)
    if not resume or not checkpoint.exists():
        checkpoint.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
    ready = prepared(divided, data, reading, plan, keep=settings.store, beside=out, progress=progress, tell=tell)
    with ready as (training, validation):
        watched = watched_piece(validation or training, plan) if animation is not None else None
        trained = fit(Course(plan, settings, training, validation, checkpoint, log, progress, kept.weights, watched))
        progress(trained.step, trained.step, "trying eight bits")
        ranges = harmless_ranges(trained.network, training, validation, plan)
        model = Model(trained.network, plan, ranges=ranges, precision=settings.precision)
        learned = trained.step * plan.batch * prod(plan.patch)
        groups = {frame.name: frame.group for frame in (*divided.training, *divided.validation)}
        judgement = learn_quality(list(looks(model, training, validation, groups, learned, progress)))
    if animation is not None and watched is not None:
        write_animation(Path(animation), watched, trained.glimpses, plan)
    scores = score_frames(model, divided.validation, reading, plan.classes, progress)
    history = None
    if earlier:
        forgotten = forgetting(earlier, model, data, progress)
        tell(forgotten.sentence)
        history = {"model": earlier.fingerprint, "kept": list(kept.sentences), **asdict(forgotten)}
    record = provenance(inspection, data, settings, architecture, trained, scores, history)
    model = replace(model, quality=judgement.quality, record=record | {"quality": judgement.record})
    model.save(out)
    checkpoint.unlink(missing_ok=True)
    return Training(out, model, inspection, scores, log)


def _refuse_to_replace(out: Path, checkpoint: Path, *, resume: bool, overwrite: bool) -> None:
    """Refuse to write over a model or an unfinished training that nobody gave up."""
    ensure_writable(out)
    if out.exists() and not overwrite and not (resume and checkpoint.exists()):
        raise OutputError(f"{out} exists already. Choose another --out, or replace it with --overwrite.")
    if checkpoint.exists() and not overwrite and not resume:
        raise OutputError(f"{checkpoint} is an unfinished training. Go on with it with --resume, or start again "
                          "with --overwrite.")
