"""What is learned about a network once its weights are: all that makes it a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from morula.examples.prepared import Prepared
from morula.judging.eight_bits import harmless_ranges
from morula.judging.forgetting import forgetting
from morula.judging.habits import usual_of
from morula.judging.judgement import Judgement, learn_quality
from morula.judging.known_masks import Look, known_looks, looks
from morula.judging.outline_errors import calibrate
from morula.judging.remembering import remember
from morula.judging.scoring import score_frames
from morula.judging.separating import chosen_separation, score_objects
from morula.learning.lesson import Lesson
from morula.learning.loop import JUDGED, Trained
from morula.measures.intervals import Calibration
from morula.models.model import Model
from morula.progress import Progress, Tell, silent, unheard
from morula.scores.compare import Scores
from morula.scores.matching import ObjectScores


@dataclass(frozen=True)
class Finished:
    """A model with all it knows of itself, but for the record of how it was made.

    Attributes:
        model: the model.
        scores: of the validation frames, at full resolution; None if no frame was held out.
        objects: how many of their objects were found, where objects are separated.
        earlier: about the model that the training went on from, for the record.
        outlines: how far its outlines are off, for the record.
        judgement: what it has learned about its own masks.
    """

    model: Model
    scores: Scores | None
    objects: ObjectScores | None
    earlier: dict[str, Any] | None
    outlines: dict[str, Any]
    judgement: Judgement


def finish(
    trained: Trained,
    lesson: Lesson,
    examples: Prepared,
    held: Sequence[Look] = (),
    progress: Progress = silent,
    tell: Tell = unheard,
) -> Finished:
    """Make a model of what came out of a training.

    Args:
        trained: what came out.
        lesson: what there was to learn from, and how.
        examples: the frames, ready to learn from.
        held: looks at frames by networks that had not seen them, where the model has seen them all.
        progress: called with what is done, what there is to do, and words.
        tell: told what was forgotten of an earlier model.
    """
    plan, split, reading = lesson.plan, lesson.split, lesson.reading
    training, validation = examples.of(split.training), examples.of(split.validation)
    progress(trained.step, trained.step, "trying eight bits")
    precision = lesson.budget.of_model.precision
    known = trained.scores if precision == "auto" else None
    ranges = harmless_ranges(trained.network, training, validation, plan, known)
    model = Model(trained.network, plan, ranges=ranges, precision=precision)
    judgement = _judge(model, trained, lesson, examples, held, progress)
    scores = score_frames(model, split.validation, reading, plan.classes, progress)
    model, objects = _with_separation(model, lesson, progress)
    earlier = _compare_with_earlier(model, lesson, progress, tell)
    usual = usual_of(model, split, reading, progress)
    memory = remember(model, (*split.training, *split.validation), progress)
    model = model.having(usual=usual, memory=memory, quality=judgement.quality)
    outlines = _outline_errors(model, lesson, trained, progress)
    return Finished(model, scores, objects, earlier, outlines, judgement)


def _judge(
    model: Model, trained: Trained, lesson: Lesson, examples: Prepared, held: Sequence[Look], progress: Progress
) -> Judgement:
    """What the model learns about its own masks."""
    split, plan = lesson.split, lesson.plan
    training, validation = examples.of(split.training), examples.of(split.validation)
    units = {frame.name: split.unit(frame) for frame in lesson.frames}
    if held:
        return learn_quality(held, list(known_looks(model, training, units)))
    learned = plan.pixels_until(trained.step)
    return learn_quality(list(looks(model, training, validation, units, learned, progress)))


def _with_separation(model: Model, lesson: Lesson, progress: Progress) -> tuple[Model, ObjectScores | None]:
    """The model with how its objects are best separated, if that is what it is for, and how many it finds."""
    if not model.plan.separation:
        return model, None
    held, reading = lesson.split.validation, lesson.reading
    separation = chosen_separation(model, held or lesson.split.training, reading, progress)
    model = model.having(plan=model.plan.model_copy(update={"separation": separation}))
    return model, score_objects(model, held, reading, progress)


def _compare_with_earlier(model: Model, lesson: Lesson, progress: Progress, tell: Tell) -> dict[str, Any] | None:
    """What was taken over from the earlier model and what was forgotten of it, for the record."""
    if lesson.earlier is None:
        return None
    forgotten = forgetting(lesson.earlier, model, lesson.data, progress)
    tell(forgotten.sentence)
    return {"model": lesson.earlier.fingerprint, "kept": list(lesson.kept.sentences), **asdict(forgotten)}


def _outline_errors(model: Model, lesson: Lesson, trained: Trained, progress: Progress) -> dict[str, Any]:
    """How far its outlines are off, for the record; what is usual of networks that have hardly learned."""
    if trained.steps < JUDGED:
        return Calibration().model_dump(mode="json")
    learned = lesson.plan.pixels_until(trained.step)
    return calibrate(model, lesson.split, lesson.reading, learned, progress).model_dump(mode="json")
