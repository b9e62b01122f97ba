"""From pairs to a model in a file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.cards import Card, Shown
from morula.checks.data_settings import DataSettings
from morula.checks.inspection import Inspection
from morula.files import write_somewhere
from morula.holding import held
from morula.learning.beside import Beside
from morula.pairs.folders import Files
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.plurals import many
from morula.progress import Laps, Progress, Tell, duration, silent, unheard
from morula.ranks.membership import Membership, membership
from morula.settings import with_fields
from morula.workflows.proofreading import Proofread
from morula.workflows.second_look import look_again, seconds_kept_back

if TYPE_CHECKING:
    from morula.examples.prepared import Prepared
    from morula.learning.lesson import Lesson
    from morula.learning.loop import Trained
    from morula.learning.onlooker import Onlooker, Watch
    from morula.models.model import Model
    from morula.ranks.leading import Ranks
    from morula.scores.compare import Scores
    from morula.scores.estimate import Estimate
    from morula.scores.learning_curve import LearningCurve
    from morula.scores.matching import ObjectScores


@dataclass(frozen=True, repr=False)
class Training(Shown):
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
        seconds: how long each part of all this took, by its name.
        second_look: annotations that are probably wrong; None where there was no time to look for them.
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
    seconds: Mapping[str, float] = field(default_factory=dict)
    second_look: Proofread | None = None

    @property
    def card(self) -> Card:
        rows = [("model", f"{self.path}, {self.model.fingerprint}"), ("log", str(self.log))]
        return Card("Training", (*rows, *self.model.summary))

    def with_second_look(self, second: Proofread, seconds: Mapping[str, float]) -> Training:
        """The same with annotations that are probably wrong, which the model remembers, too.

        Args:
            second: what is said of them.
            seconds: how long each part took, this one included.
        """
        parts = {part: round(each, 2) for part, each in seconds.items()}
        record = self.model.record | {"second_look": second.record, "parts": parts}
        return replace(self, model=self.model.having(record=record), second_look=second)

    @property
    def outlook(self) -> tuple[tuple[str, str], ...]:
        """What is to be expected of new images, and of more annotation, as label and value."""
        return tuple(row for told in (self.estimate, self.curve) if told for row in told.rows)

    @property
    def times(self) -> str:
        """How many steps the model learned, why no more where there was time, and how long that and all else took."""
        record = self.model.record
        parts = ", ".join(f"{part} {duration(seconds)}" for part, seconds in self.seconds.items())
        sated = "More would learn these images by heart, and make masks of others worse. " if record["sated"] else ""
        return (f"{many(record['steps_done'], 'step')} in {duration(record['seconds'])}. {sated}"
                f"All took {duration(sum(self.seconds.values()))}: {parts}.")

    @property
    def more_looks(self) -> str:
        """How to look for wrong annotations beyond what was looked at; empty where there is nothing to say."""
        from morula.proofreading.by_heart import BY_HEART, times_shown
        from morula.proofreading.proofs import FEWEST

        command = f"morula check IMAGES MASKS --model {self.path}"
        second, split = self.second_look, self.inspection.split
        if len(split.training) + len(split.validation) < FEWEST:
            return ""
        if (shown := times_shown(self.model, split.training)) > BY_HEART:
            return (f"Each mask was shown about {shown:.0f} times, and what is wrong in it may be learned by heart: to "
                    "list wrong ones, train on each half of the images, and give both models to morula check.")
        if second and second.left:
            return f"{command} looks at all masks, and draws those that it lists with --sheet."
        if second:
            return f"{command} --sheet second_look.png draws them." if second.frames else ""
        return f"Masks that are probably wrong: {command} lists them; here was no time for it."

    @property
    def files(self) -> str:
        """What lies where, in a sentence."""
        table = f", scores of what was left out {self.table}" if self.table else ""
        return f"The model is {self.path}, its log {self.log}{table}"


def train(
    images: Files,
    masks: Files | None = None,
    out: str | Path = "model.safetensors",
    settings: TrainSettings | None = None,
    data: DataSettings | None = None,
    architecture: NetworkSettings | None = None,
    *,
    animation: str | Path | None = None,
    watch: Watch | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    tell: Tell = unheard,
    **fields: Any,
) -> Training:
    """Check the data, plan a network, train it, and save it as one file.

    Beside the model lies its log, and until it is finished a checkpoint, from which `resume` goes on. Where groups are
    left out in turn, a table of their scores lies there too.

    Under torchrun, the process of rank 0 does all this. Those of other ranks learn with it, and end when that is done:
    they do not come back.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks; None where one folder holds both, or folders of both.
        out: the model file to write.
        settings: the budget, and what should not be planned.
        data: how files are read, where they do not say it themselves.
        architecture: what should not be planned about the network.
        animation: where to show how the mask of a validation frame emerges, a .gif file.
        watch: whom to show a frame as it would be segmented by now, every few seconds, while a network learns.
        resume: go on with a training that was stopped; where there is none, begin one.
        overwrite: replace a model or checkpoint that exists.
        progress: called with what is done, what there is to do, and words.
        tell: called with sentences about the data and the plan.
        fields: single values of `TrainSettings`, `DataSettings` and `NetworkSettings`, over those given above.

    Raises:
        DataError: the check found errors; all are listed.
        OutputError: `out` exists or cannot be written.
        TrainingError: nothing could be learned; the message is a diagnosis.
        RequestError: one of several processes has ended, or there are not so many devices.
    """
    from morula.learning.lesson import prepare_lesson
    from morula.reports.animation import ensure_animation

    settings, data, architecture = with_fields(
        fields, settings or TrainSettings(), data or DataSettings(), architecture or NetworkSettings()
    )
    member = membership(settings.devices)
    settings = settings.model_copy(update={"devices": member.ranks})
    if member.rank:
        from morula.ranks.following import follow

        follow(member)
    laps = Laps()
    beside = Beside(Path(out))
    with held(beside.model, beside.busy):
        beside.refuse_to_replace(resume=resume, overwrite=overwrite)
        if resume and not any(beside.unfinished):
            tell(f"There is no unfinished training of {beside.model} to go on with, so one begins. To go on with "
                 "another, give the --out that it was given.")
        if animation is not None:
            ensure_animation(Path(animation))
        lesson = prepare_lesson(images, masks, settings, data, architecture, progress)
        laps.end("checking and planning")
        for sentence in lesson.sentences:
            tell(sentence)
        beside.begin(resume=resume)
        training = _carried_out(lesson, beside, member, animation, watch, laps, progress, tell)
        path = write_somewhere(beside.model, training.model.save)  # whatever becomes of the second look
        laps.end("saving")
        if second := look_again(training.model, lesson, sum(laps.seconds.values()), progress):
            laps.end("second look")
            beside.note("second look", **second.record)
            training = training.with_second_look(second, laps.seconds)
            path = write_somewhere(path, training.model.save)
            laps.end("saving")
        if path != beside.model:
            tell(f"{beside.model} could not be written. The model is {path} now: move it to where you want it.")
        beside.forget_unfinished()
        return replace(training, path=path, seconds=laps.seconds)


def _carried_out(
    lesson: Lesson, beside: Beside, member: Membership, animation: str | Path | None, watch: Watch | None, laps: Laps,
    progress: Progress, tell: Tell,
) -> Training:
    """What comes of a lesson: trials first, then the model, and all that is learned about it."""
    from morula.examples.prepared import prepared
    from morula.learning.estimating import estimate_scores, learn_portions, learning_curve
    from morula.learning.finishing import finish
    from morula.learning.onlooker import Onlooker
    from morula.learning.provenance import provenance
    from morula.learning.trials import Trials

    with prepared(lesson.frames, lesson.data, lesson.reading, lesson.plan, keep=lesson.settings.store,
                  beside=beside.model, progress=progress, tell=tell) as examples:
        with _all_ranks(member) as ranks:
            laps.end("preparing")
            gone = sum(laps.seconds.values())
            onlooker = Onlooker(watch, lesson.plan, lesson.budget.of_model.precision) if watch else None
            trials = Trials(lesson, examples, beside.trials, progress, tell, onlooker, ranks)
            estimate, looks = estimate_scores(trials, beside.table)
            portions = learn_portions(trials)
            if lesson.budget.trials:
                laps.end("trainings on a part")
            trained = _learn(lesson, examples, beside, animation, onlooker, gone, progress, ranks)
        laps.end("training")
        finished = finish(trained, lesson, examples, looks, progress, tell)
    curve = learning_curve(lesson, portions, finished.scores)
    laps.end("scoring")
    model = finished.model.having(record=provenance(lesson, trained, finished, estimate, curve, laps.seconds))
    return Training(beside.model, model, lesson.inspection, finished.scores, beside.log, finished.objects, estimate,
                    beside.table if estimate else None, curve)


def _all_ranks(member: Membership) -> AbstractContextManager[Ranks | None]:
    """The processes to learn with; where this is the only one, nothing of that is even loaded."""
    if member.ranks == 1:
        return nullcontext()
    from morula.ranks.leading import all_ranks

    return all_ranks(member)


def _learn(
    lesson: Lesson, examples: Prepared, beside: Beside, animation: str | Path | None, onlooker: Onlooker | None,
    gone: float, progress: Progress, ranks: Ranks | None,
) -> Trained:
    """The network, whose course is drawn where that was asked for; so many seconds of its minutes are gone already."""
    from morula.learning.afterwards import Afterwards
    from morula.learning.emergence import watched_piece
    from morula.learning.loop import Course, fit
    from morula.reports.animation import write_animation

    plan, settings = lesson.plan, lesson.budget.of_model
    training, validation = examples.of(lesson.split.training), examples.of(lesson.split.validation)
    watched = watched_piece(validation or training, plan) if animation is not None else None
    after = Afterwards(len(examples.frames), examples.pixels, plan.architecture.axes, len(validation),
                       again=seconds_kept_back(lesson))
    trained = fit(Course(plan, settings, training, validation, beside.checkpoint, beside.log, progress,
                         lesson.kept.weights, watched, gone, after, onlooker, ranks))
    if animation is not None and watched is not None:
        write_animation(Path(animation), watched, trained.glimpses, plan)
    return trained
