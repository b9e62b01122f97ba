"""Makes the model `gastruloid` from nothing: fields are drawn, a network learns from them, and others judge it.

    python pretraining/gastruloid.py [--fields 10800] [--steps 30000] [--work pretraining/made/gastruloid]

What is drawn, how far the training is, and the model lie in the folder for the work: begun again, it goes on. At the
end the model learns how good its masks are from more fields than validated it; it looks at other things than
aggregates, so that it can say so of such; it is scored on fields that it has not seen, and written to where Morula
finds it by its name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

import morula
from morula.checks.data_settings import DataSettings
from morula.drawings.drawn import Drawing, save_drawings
from morula.drawings.synthetic import draw_gastruloids
from morula.examples.prepared import prepared
from morula.images.colours import COLOURS
from morula.images.image import Image
from morula.judging.habits import usual_of
from morula.judging.judgement import learn_quality
from morula.judging.known_masks import looks
from morula.learning.lesson import prepare_lesson
from morula.models.builtin import ENDING, FOLDER
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.specimens.kinds import KINDS, draw_specimen
from morula.trust.layout import SELDOM, Layout
from morula.worlds.fields import CLASSES, STYLES, draw_field, draw_fields

NAME = "gastruloid"
FIELDS, STEPS = 10_800, 30_000
"""What the distributed file is made from."""
SIDE = 192
"""Pixels of a side of a field."""
SIDES = (128, 192, 288, 432)
"""To which the shorter side of an image is brought, as the model is surest."""
JUDGED = 420
"""Fields drawn anew that tell how good its masks are."""
LAID_OUT = 210
"""Fields drawn anew, and pictures of other things, that tell how bodies lie in the ones and in the others."""
KEPT_OUT = {"fields drawn anew": 140, "gastruloids of the demo": 60}
"""What the model is scored on, and how many of each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fields", type=int, default=FIELDS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--minutes", type=float, help="in place of steps, to try what is worth drawing")
    parser.add_argument("--work", type=Path, default=Path(__file__).with_name("made") / NAME)
    options = parser.parse_args()
    drawn = options.work / "drawn"
    if not (drawn / "images").is_dir():
        save_drawings(_fields(options.fields), drawn, total=options.fields, progress=_say)
    finished = options.work / f"{NAME}{ENDING}"
    if not finished.exists():
        budget = {"minutes": options.minutes} if options.minutes else {"steps": options.steps}
        morula.train(drawn / "images", drawn / "masks", finished, class_names=CLASSES, resume=True, progress=_say,
                     tell=print, **budget)
    model = morula.Model.load(finished)
    plan = model.plan.model_copy(update={"sides": SIDES, "pixel_size": None, "views": "opposite"})
    model = _with_limits(_judged(replace(model, plan=plan), options.work / "judged"))
    scores = {kind: _score(model, kind, count, options.work) for kind, count in KEPT_OUT.items()}
    FOLDER.mkdir(exist_ok=True)
    elsewhere = {"findings": [], "validation_files": []}  # where things lay on the machine that made it
    record = {**model.record, **elsewhere, "card": _card(options.fields, scores), "kept_out": scores}
    replace(model, record=record).save(FOLDER / f"{NAME}{ENDING}")
    print(scores)


def _card(fields: int, scores: dict[str, float]) -> list[str]:
    """What there is to say of the model, in sentences."""
    told = ", ".join(f"{iou:.3f} on {KEPT_OUT[kind]} {kind}" for kind, iou in scores.items())
    return [
        f"It has learned from {fields:,} drawn fields of aggregates and from no photograph: {', '.join(STYLES)}.",
        f"IoU of the body in images that took no part: {told}.",
        "It outlines aggregates of cells (gastruloids, embryoid bodies, spheroids, organoids) in one channel, and what "
        "they have shed. The magnification is sought on the first images.",
        "It fails on bodies that hardly stand out, on single cells, nuclei and tissue, and says so of most: such masks "
        "are flagged, and where many things lie, as unlike what it has learned from. Train on frames of your own "
        "where it is not good enough.",
    ]


def _fields(count: int) -> Iterator[Drawing]:
    """Fields to learn from, drawn by all processors."""
    with ProcessPoolExecutor() as processes:
        yield from processes.map(_field, range(count), chunksize=16)


def _field(number: int) -> Drawing:
    return draw_field(list(STYLES)[number % len(STYLES)], 0, number, SIDE)


def _judged(model: morula.Model, folder: Path) -> morula.Model:
    """The same model, which has learned anew how good its masks are and what is usual of them: from the views that it
    is used with, and from many more fields than a training holds out."""
    if not (folder / "images").is_dir():
        save_drawings(draw_fields(JUDGED, seed=7, size=SIDE), folder)
    images, masks = (sorted((folder / kind).iterdir()) for kind in ("images", "masks"))
    lesson = prepare_lesson(images, masks, TrainSettings(), DataSettings(), NetworkSettings())
    with prepared(lesson.inspection.frames, lesson.data, lesson.reading, model.plan, keep=None,
                  beside=folder / "judged.safetensors") as ready:
        groups = {example.name: example.name for example in ready.examples}
        learned = model.plan.pixels_until(model.record["steps_done"])
        judgement = learn_quality(list(looks(model, (), ready.examples, groups, learned, _say)))
    usual = usual_of(model, lesson.split, lesson.reading, _say)
    record = model.record | {"quality": judgement.record}
    return replace(model, usual=usual, quality=judgement.quality, record=record)


def _with_limits(model: morula.Model) -> morula.Model:
    """The same model, which has met more fields than it was validated with, so that few of them are unlike what it
    knows; and which knows how what it takes for bodies lies in fields, and how it does in other things."""
    assert model.usual, "a model of so many fields knows what is usual"
    assert model.quality, "and how good its masks are"
    fields = [each.image for each in draw_fields(LAID_OUT, seed=3, size=SIDE)]
    others = [model.segment(_other_things(number)) for number in range(LAID_OUT)]
    layout = Layout.of([model.segment(field) for field in fields], others)
    farthest = float(np.quantile([_distance(model, field) for field in fields], 1 - SELDOM))
    return replace(model, usual=model.usual.model_copy(update={"layout": layout}),
                   quality=replace(model.quality, farthest=max(model.quality.farthest, farthest)))


def _distance(model: morula.Model, field: np.ndarray) -> float:
    """How far a field is from those that the model knows, at the magnification at which it is surest."""
    assert model.quality
    image, tally = Image.from_array(field, "YX"), model.empty_tally()
    model.zoomed([(image, 0)]).mask(image, on_tile=tally.look)
    return model.quality.distance(tally)


def _other_things(number: int) -> Image:
    drawing = draw_specimen(list(KINDS)[number % len(KINDS)], 3, number, SIDE)
    return Image.from_array(drawing.image, drawing.axes, channels=COLOURS)


def _score(model: morula.Model, kind: str, count: int, work: Path) -> float:
    """The IoU of the body in images that took no part."""
    if kind == "gastruloids of the demo":
        drawings = draw_gastruloids(count, movies=count, classes=2)
    else:
        drawings = draw_fields(count, seed=1, size=SIDE)
    folder = work / kind
    if not (folder / "images").is_dir():
        save_drawings(drawings, folder)
    morula.segment(model, folder / "images", folder / "predicted", overwrite=True)
    scores = morula.evaluate(folder / "predicted", folder / "masks", json=folder / "scores.json").scores
    return round(float(scores.classes[1].iou or 0), 4)


def _say(done: int, total: int, words: str) -> None:
    sys.stderr.write(f"\r{done} of {total} {words[:100]:100}")


if __name__ == "__main__":
    main()
