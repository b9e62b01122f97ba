"""What a training says about images that it has not seen: scores of groups left out, and what more would bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from morula.judging.known_masks import Look
from morula.learning.budget import in_words
from morula.learning.lesson import Lesson
from morula.learning.trials import Trial, Trials
from morula.objects.tables import Row, open_table
from morula.pairs.pair import Frame
from morula.pairs.split import OFTEN_ONE, Split
from morula.pairs.spread import evenly
from morula.plurals import many
from morula.scores.compare import ImageScores, Scores
from morula.scores.estimate import Estimate, GroupScores
from morula.scores.learning_curve import LearningCurve, Point

WATCHED = 8
"""Training frames that are scored while a fold is learned: what is left out must not decide anything."""


def estimate_scores(trials: Trials, table: Path) -> tuple[Estimate | None, tuple[Look, ...]]:
    """Leave out each fold once, and score its frames by a network that has not seen their groups.

    Args:
        trials: runs the trainings.
        table: a .csv file for the scores of every frame.

    Returns:
        The estimate, None if there are no folds, or if nothing could be learned from any. And where no frame validates
        the model itself, looks at each frame by the network that had not seen it, if all of them learned something.
    """
    lesson = trials.lesson
    folds, judged = lesson.folds, not lesson.split.validation
    several = [
        Trial(f"fold {number} of {len(folds)}", fold.training, tuple(evenly(fold.training, WATCHED)), fold.validation,
              judged)
        for number, fold in enumerate(folds, start=1)
    ]
    results = list(trials.run(several, later=len(lesson.portions)))
    scored = [(number, fold, result.scores)
              for number, (fold, result) in enumerate(zip(folds, results, strict=True), start=1) if result]
    if not scored:
        return None, ()
    names = scored[0][2].names
    with open_table(table, _columns(names)) as write:
        for number, fold, scores in scored:
            pairs = zip(fold.validation, scores.images, strict=True)
            write([_row(frame, number, image, names) for frame, image in pairs])
    groups = [group for number, fold, scores in scored for group in _groups(fold, number, scores)]
    failed = len(folds) - len(scored)
    looks = () if failed else tuple(look for result in results if result for look in result.looks)
    return Estimate(_sentence(lesson, len(groups), failed), len(folds), tuple(groups), names), looks


def learn_portions(trials: Trials) -> list[Scores | None]:
    """The scores, on the validation frames, of networks that learned from each portion of the training frames only."""
    lesson = trials.lesson
    held = lesson.split.validation
    several = [Trial(f"{name} of the groups", portion, held, held)
               for name, portion in zip(("a quarter", "half"), lesson.portions, strict=False)]
    return [result.scores if result else None for result in trials.run(several)]


def learning_curve(lesson: Lesson, portions: Sequence[Scores | None], scores: Scores | None) -> LearningCurve | None:
    """How scores follow the number of groups.

    Args:
        lesson: what was learned from.
        portions: the scores of networks that learned from a part.
        scores: those of the model itself, on the same frames.

    Returns:
        None if nothing could be learned from a part.
    """
    if not portions or None in portions or scores is None:
        return None
    points = []
    for frames, found in zip((*lesson.portions, lesson.split.training), (*portions, scores), strict=True):
        assert found is not None
        groups = _groups(lesson.split, 1, found)
        points.append(Point(len({frame.group for frame in frames}), len(frames),
                            tuple(group.foreground("iou") for group in groups)))
    return LearningCurve(tuple(points))


def _groups(fold: Split, number: int, scores: Scores) -> Iterator[GroupScores]:
    """The groups of a fold; frames in a row are one."""
    images: dict[str, list[ImageScores]] = defaultdict(list)
    for frame, image in zip(fold.validation, scores.images, strict=True):
        images[fold.unit(frame)].append(image)
    for group, members in images.items():
        yield GroupScores.of(group, number, members)


def _sentence(lesson: Lesson, units: int, failed: int) -> str:
    """How an estimate was found, and why it may be too good."""
    folds, budget = lesson.folds, lesson.budget
    apart = folds[0].by_group
    sentences = [
        f"Each of {units} {'groups' if apart else 'parts'} was scored by a network that had not seen it: "
        f"{many(len(folds), 'training')} of {in_words(budget.of_trial)}, the model itself {in_words(budget.of_model)}.",
    ]
    if not apart and len({frame.group for frame in lesson.frames}) == 1:
        sentences.append("They are parts of one thing, so scores flatter.")
    elif not apart:
        sentences.append(f"Scores may flatter: {OFTEN_ONE}.")
    learned = lesson.earlier.record.get("training_frames", ()) if lesson.earlier else ()
    if known := len({frame.name for frame in lesson.frames} & set(learned)):
        sentences.append(f"The earlier model had learned from {known} of the frames, so scores flatter.")
    if failed:
        sentences.append(f"Nothing could be learned in {failed} of the trainings, which do not count.")
    return " ".join(sentences)


def _columns(names: Sequence[str]) -> dict[str, type]:
    scores = ("foreground_iou", "foreground_dice", "mean_iou", "pixel_accuracy")
    of_classes = [f"{score}_{name}" for name in names[1:] for score in ("iou", "dice")] if len(names) > 2 else []
    return {"frame": str, "group": str, "fold": int, **dict.fromkeys((*scores, *of_classes), float)}


def _row(frame: Frame, fold: int, image: ImageScores, names: Sequence[str]) -> Row:
    alone = GroupScores.of(frame.group, fold, [image])
    of_classes = {f"{score}_{name}": getattr(of, score) for name, of in zip(names, image.classes, strict=True)
                  for score in ("iou", "dice")}
    row = {
        "frame": frame.name, "group": frame.group, "fold": fold, "foreground_iou": image.foreground_iou,
        "foreground_dice": alone.foreground("dice"), "mean_iou": image.mean_iou,
        "pixel_accuracy": image.pixel_accuracy, **of_classes,
    }
    return {name: row[name] for name in _columns(names)}
