"""From pairs to a model in a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.errors import OutputError
from morula.files import ensure_writable
from morula.images.inspection import DataSettings, Files, Inspection
from morula.learning.settings import NetworkSettings, TrainSettings
from morula.progress import Progress, Tell, silent, unheard
from morula.settings import with_fields

if TYPE_CHECKING:
    from morula.learning.lesson import Lesson
    from morula.learning.quality import Judgement
    from morula.learning.store import Prepared
    from morula.learning.train import Trained
    from morula.models.model import Model
    from morula.scores.compare import Scores
    from morula.scores.estimate import Estimate
    from morula.scores.learning_curve import LearningCurve
    from morula.scores.matching import ObjectScores


@dataclass(frozen=True)
class Training:
    """What came of a training.

    Attributes:
        path: the model file.
        model: the model.
        inspection: what was found in the data.
        scores: of the validation frames, at full resolution; None if no frame was held out.
        log: JSON lines with every step and validation.
        objects: how many of their objects were found, where objects are separated.
        estimate: scores of groups that were left out in turn, where that was done.
        table: the scores of each of their frames.
        curve: how scores follow the number of groups, where that was asked for.
    """

    path: Path
    model: Model
    inspection: Inspection
    scores: Scores | None
    log: Path
    objects: ObjectScores | None = None
    estimate: Estimate | None = None
    table: Path | None = None
    curve: LearningCurve | None = None

    @property
    def outlook(self) -> tuple[tuple[str, str], ...]:
        """What is to be expected of new images, and of more annotation, as label and value."""
        return tuple(row for told in (self.estimate, self.curve) if told for row in told.rows)

    @property
    def files(self) -> str:
        """What lies where, in a sentence."""
        table = f", scores of what was left out {self.table}" if self.table else ""
        return f"The model is {self.path}, its log {self.log}{table}"


@dataclass(frozen=True)
class Beside:
    """What lies beside a model in training."""

    model: Path

    @property
    def log(self) -> Path:
        return self.model.with_name(self.model.name + ".log.jsonl")

    @property
    def table(self) -> Path:
        """The scores of frames that were left out."""
        return self.model.with_name(self.model.name + ".folds.csv")

    @property
    def checkpoint(self) -> Path:
        """The training of the model itself, put aside."""
        return self.model.with_name(self.model.name + ".checkpoint")

    @property
    def trials(self) -> Path:
        """The folder of the trainings before it."""
        return self.model.with_name(self.model.name + ".trials")

    @property
    def unfinished(self) -> Iterator[Path]:
        """What a training left that was stopped."""
        return (path for path in (self.checkpoint, self.trials) if path.exists())

    def refuse_to_replace(self, *, resume: bool, overwrite: bool) -> None:
        """Refuse to write over a model or an unfinished training that nobody gave up.

        Raises:
            OutputError: there is one, or the model could not be written.
        """
        ensure_writable(self.model)
        unfinished = next(self.unfinished, None)
        if self.model.exists() and not overwrite and not (resume and unfinished):
            raise OutputError(f"{self.model} exists already. Choose another --out, or replace it with --overwrite.")
        if unfinished and not overwrite and not resume:
            raise OutputError(f"{unfinished} is an unfinished training. Go on with it with --resume, or start again "
                              "with --overwrite.")

    def forget_unfinished(self) -> None:
        """Leave nothing to go on from."""
        self.checkpoint.unlink(missing_ok=True)
        shutil.rmtree(self.trials, ignore_errors=True)


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

    Beside the model lies its log, and until it is finished a checkpoint, from which `resume` goes on. Where groups are
    left out in turn, a table of their scores lies there too.

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
    from morula.learning.estimating import learning_curve
    from morula.learning.lesson import prepare_lesson
    from morula.learning.provenance import provenance
    from morula.learning.scoring import score_frames
    from morula.learning.store import prepared
    from morula.reports.animation import ensure_animation

    settings, data, architecture = with_fields(
        fields, settings or TrainSettings(), data or DataSettings(), architecture or NetworkSettings()
    )
    beside = Beside(Path(out))
    beside.refuse_to_replace(resume=resume, overwrite=overwrite)
    if animation is not None:
        ensure_animation(Path(animation))
    lesson = prepare_lesson(images, masks, settings, data, architecture, progress)
    for sentence in lesson.sentences:
        tell(sentence)
    if not resume:
        beside.forget_unfinished()
    if not beside.checkpoint.exists():
        beside.log.unlink(missing_ok=True)
    ready = prepared(lesson.frames, lesson.data, lesson.reading, lesson.plan, keep=settings.store, beside=beside.model,
                     progress=progress, tell=tell)
    with ready as examples:
        estimate, portions = _try(lesson, examples, beside, progress, tell)
        model, trained = _learn(lesson, examples, beside, animation, progress)
        judgement = _judge(model, trained, lesson, examples, progress)
    scores = score_frames(model, lesson.split.validation, lesson.reading, lesson.plan.classes, progress)
    model, objects = _with_separation(model, lesson, progress)
    curve = learning_curve(lesson, portions, scores)
    history = _compare_with_earlier(lesson, model, progress, tell)
    model = _with_memories(model, lesson, progress)
    outlines = _outline_errors(model, lesson, trained, progress)
    record = provenance(lesson, trained, scores, objects, history, estimate, curve)
    record |= {"outlines": outlines, "quality": judgement.record}
    model = replace(model, quality=judgement.quality, record=record)
    model.save(beside.model)
    beside.forget_unfinished()
    table = beside.table if estimate else None
    return Training(beside.model, model, lesson.inspection, scores, beside.log, objects, estimate, table, curve)


def _try(
    lesson: Lesson, examples: Prepared, beside: Beside, progress: Progress, tell: Tell
) -> tuple[Estimate | None, list[Scores | None]]:
    """What trainings on a part of the groups say before the model itself is trained."""
    from morula.learning.estimating import estimate_scores, learn_portions
    from morula.learning.trials import Trials

    trials = Trials(lesson, examples, beside.trials, progress, tell)
    return estimate_scores(trials, beside.table), learn_portions(trials)


def _learn(
    lesson: Lesson, examples: Prepared, beside: Beside, animation: str | Path | None, progress: Progress
) -> tuple[Model, Trained]:
    """The model, and how it was trained."""
    from morula.learning.emergence import watched_piece
    from morula.learning.rounding import harmless_ranges
    from morula.learning.train import Course, fit
    from morula.models.model import Model
    from morula.reports.animation import write_animation

    plan, settings = lesson.plan, lesson.budget.of_model
    training, validation = examples.of(lesson.split.training), examples.of(lesson.split.validation)
    watched = watched_piece(validation or training, plan) if animation is not None else None
    trained = fit(Course(plan, settings, training, validation, beside.checkpoint, beside.log, progress,
                         lesson.kept.weights, watched))
    progress(trained.step, trained.step, "trying eight bits")
    ranges = harmless_ranges(trained.network, training, validation, plan)
    if animation is not None and watched is not None:
        write_animation(Path(animation), watched, trained.glimpses, plan)
    return Model(trained.network, plan, ranges=ranges, precision=settings.precision), trained


def _judge(model: Model, trained: Trained, lesson: Lesson, examples: Prepared, progress: Progress) -> Judgement:
    """What the model learns about its own masks."""
    from morula.learning.judging import looks
    from morula.learning.quality import learn_quality

    plan, split = lesson.plan, lesson.split
    training, validation = examples.of(split.training), examples.of(split.validation)
    groups = {frame.name: frame.group for frame in lesson.frames}
    learned = trained.step * plan.batch * prod(plan.patch)
    return learn_quality(list(looks(model, training, validation, groups, learned, progress)))


def _with_separation(model: Model, lesson: Lesson, progress: Progress) -> tuple[Model, ObjectScores | None]:
    """The model with how its objects are best separated, if that is what it is for, and how many it finds."""
    from morula.learning.separating import chosen_separation, score_objects

    if not model.plan.separation:
        return model, None
    held, reading = lesson.split.validation, lesson.reading
    separation = chosen_separation(model, held or lesson.split.training, reading, progress)
    model = replace(model, plan=model.plan.model_copy(update={"separation": separation}))
    return model, score_objects(model, held, reading, progress)


def _outline_errors(model: Model, lesson: Lesson, trained: Trained, progress: Progress) -> dict[str, Any]:
    """How far its outlines are off, for the record; what is usual of networks that have hardly learned."""
    from morula.learning.intervals import calibrate
    from morula.learning.pace import THOROUGH, chosen_pace
    from morula.learning.train import JUDGED
    from morula.measures.intervals import Calibration

    thorough = trained.steps >= JUDGED and chosen_pace(lesson.budget.of_model) is THOROUGH
    learned = calibrate(model, lesson.split, lesson.reading, progress) if thorough else Calibration()
    return learned.model_dump(mode="json")


def _with_memories(model: Model, lesson: Lesson, progress: Progress) -> Model:
    """The model with what it keeps of the frames it was made from."""
    from morula.learning.memory import remember
    from morula.learning.usual import usual_of

    frames = (*lesson.split.training, *lesson.split.validation)
    usual = usual_of(model, lesson.split, lesson.reading, progress)
    return replace(model, usual=usual, memory=remember(model, frames, progress))


def _compare_with_earlier(lesson: Lesson, model: Model, progress: Progress, tell: Tell) -> dict[str, Any] | None:
    """What was taken over from the earlier model and what was forgotten of it, for the record."""
    from morula.learning.forgetting import forgetting

    if lesson.earlier is None:
        return None
    forgotten = forgetting(lesson.earlier, model, lesson.data, progress)
    tell(forgotten.sentence)
    return {"model": lesson.earlier.fingerprint, "kept": list(lesson.kept.sentences), **asdict(forgotten)}
