"""Which ingredients of drawn fields matter, and what size of network pays.

    python benchmarks/ingredients.py [INGREDIENT ...] [--photographs FOLDER] [--seeds 1] --out ingredients

Fields are drawn without one ingredient after the other, or for networks of several widths, and a network learns from
each set, from nothing and for as many steps. It is scored by the IoU of the body, as the mean over images, on fields
drawn anew with everything in them, on gastruloids that another program draws, and on photographs, where a FOLDER with
`images` and `masks` is given, whose shorter side is brought to that of a field. What was measured stands in
`ingredients.jsonl`; begun again, only what is missing is measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np

from morula.checks.data_settings import DataSettings
from morula.checks.inspection import inspect
from morula.drawings.drawn import Drawing, save_drawings
from morula.drawings.synthetic import draw_gastruloids
from morula.examples.prepared import prepared
from morula.images.resizing import resized
from morula.learning.lesson import prepare_lesson
from morula.learning.loop import Course, fit
from morula.models.model import Model
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.worlds import ranges
from morula.worlds.fields import STYLES, draw_fields

FIELDS, STEPS, SIDE = 600, 600, 192
NONE = ranges.Range(0, 0)


@dataclass(frozen=True)
class Variation:
    """What is changed.

    Attributes:
        ranges: other values in the table of ranges.
        styles: which are drawn.
        width: features of the first stage of the network; None as planned.
    """

    ranges: dict[str, Any] = field(default_factory=dict)
    styles: tuple[str, ...] = tuple(STYLES)
    width: int | None = None


VARIATIONS = {
    "everything": Variation(),
    "no shed cells": Variation({"SHEDDING": 0}),
    "no walls, floors and rings": Variation({"SURROUNDED": 0}),
    "no dirt": Variation({"DIRT": 0}),
    "even light": Variation({"UNEVEN": NONE, "VIGNETTE": NONE}),
    "no accidents of cameras": Variation(
        dict.fromkeys(("MOVED", "INVERTED", "BURNT", "COMPRESSED", "COARSE", "CLIPPED"), 0)),
    "smooth bodies and floors": Variation({"GRAIN": NONE, "MOTTLE": NONE, "FLOOR_GRAIN": NONE}),
    "one body in each": Variation({"EMPTY": 0, "ALONE": 1}),
    "no body is cut": Variation({"CUT": 0}),
    "phase contrast alone": Variation(styles=("gastruloids in phase contrast",)),
    "brightfield alone": Variation(styles=tuple(name for name in STYLES if "brightfield" in name)),
    "no style anything": Variation(styles=tuple(name for name in STYLES if name != "anything")),
    "8 features": Variation(width=8),
    "32 features": Variation(width=32),
}
"""What is tried, by what it is called."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ingredients", nargs="*", default=list(VARIATIONS))
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("ingredients"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table = options.out / "ingredients.jsonl"
    rows = [json.loads(line) for line in table.read_text().splitlines()] if table.exists() else []
    known = {"fields": list(draw_fields(70, seed=1, size=SIDE)), "gastruloids": list(draw_gastruloids(30, movies=30))}
    if options.photographs:
        known["photographs"] = list(photographs(options.photographs))
    for seed, name in product(range(options.seeds), options.ingredients):
        if any((row["name"], row["seed"]) == (name, seed) for row in rows):
            continue
        model = learned(VARIATIONS[name], seed, options.out)
        scores = {kind: round(float(np.mean([body_iou(model, each) for each in some])), 4)
                  for kind, some in known.items()}
        rows.append({"name": name, "seed": seed, **scores})
        print(rows[-1], flush=True)
        with table.open("a") as file:
            file.write(json.dumps(rows[-1]) + "\n")
    print(summary(rows, list(known)))


def learned(variation: Variation, seed: int, out: Path) -> Model:
    """What a network makes of fields that are drawn so."""
    settings = TrainSettings(steps=STEPS, seed=seed, from_nothing=True)
    with TemporaryDirectory(dir=out) as folder:
        drawn = Path(folder)
        with ExitStack() as changed:
            for constant, value in variation.ranges.items():
                changed.enter_context(patch.object(ranges, constant, value))
            save_drawings(draw_fields(FIELDS, seed=seed + 2, size=SIDE, styles=variation.styles), drawn)
        lesson = prepare_lesson(drawn / "images", drawn / "masks", settings, DataSettings(),
                                NetworkSettings(width=variation.width))
        with prepared(lesson.inspection.frames, lesson.data, lesson.reading, lesson.plan, keep=None,
                      beside=drawn / "model.safetensors") as examples:
            trained = fit(Course(lesson.plan, settings, examples.examples, ()))
    return Model(trained.network, lesson.plan)


def photographs(folder: Path) -> Iterable[Drawing]:
    """Grey pictures of about the size of a field, with their masks."""
    for frame in inspect(folder / "images", folder / "masks", DataSettings()).frames:
        pixels, mask = frame.pair.image.frame(frame.index), frame.pair.mask.frame(frame.index)[0] > 0
        share = SIDE / min(mask.shape)
        space = tuple(round(side * share) for side in mask.shape)
        image = np.rint(resized(pixels, space)[0]).astype(pixels.dtype)
        yield Drawing(frame.name, image, (resized(mask[None], space)[0] > 0.5).astype(np.uint8), (1.0, 1.0))


def body_iou(model: Model, drawing: Drawing) -> float:
    """The IoU of class 1; 1 where there is none, and none was found."""
    found, true = model.segment(drawing.image, "YX") == 1, drawing.mask == 1
    union = np.count_nonzero(found | true)
    return np.count_nonzero(found & true) / union if union else 1.0


def summary(rows: list[dict], kinds: list[str]) -> str:
    """A row for each variation, the mean over seeds."""
    lines = [f"| drawn | {' | '.join(kinds)} |", f"|{' --- |' * (len(kinds) + 1)}"]
    for name in dict.fromkeys(row["name"] for row in rows):
        alike = [row for row in rows if row["name"] == name]
        cells = (f"{np.mean([row[kind] for row in alike]):.3f}" for kind in kinds)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
